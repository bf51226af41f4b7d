import { ANONYMOUS, callerText } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { IdSource, shardOfParallel, shardOfRequest } from "../core/operation/id.ts";
import type { Operation } from "../core/operation/operation.ts";
import { create } from "../core/operation/transition.ts";
import { seededRandom } from "./seeded-random.ts";

const ids = new IdSource(seededRandom(1));

/** Creates a new PENDING operation for a test; `fields` overrides its defaults. */
export function anOperation(fields: Partial<Operation> = {}): Operation {
  const createTime = fields.createTime ?? Date.UTC(2026, 0, 1);
  const { parent = "", method = "createArchive", requestId = null, parallelKey = null } = fields;
  return {
    ...create({
      id: ids.next(createTime, shardOf({ parent, method, requestId, parallelKey })),
      parent,
      method,
      requestId,
      request: "{}",
      target: "",
      attemptsMax: 3,
      createTime,
      timeToLiveMs: 86_400_000,
      deadlineTime: null,
      availableTime: createTime,
      priority: 0,
      parallelKey: null,
      caller: callerText(ANONYMOUS),
      traceContext: null,
    }),
    ...fields,
  };
}

let keysHaveShards = false;

/**
 * From now on, operations with a key are on the key's shard, because the store under test has
 * `keysHaveShards`.
 */
export function putOnShardsOfKeys(): void {
  keysHaveShards = true;
}

function shardOf({
  parent,
  method,
  requestId,
  parallelKey,
}: Pick<Operation, "parent" | "method" | "requestId" | "parallelKey">): number | undefined {
  if (parallelKey !== null && keysHaveShards) return shardOfParallel(method, parallelKey);
  return requestId === null ? undefined : shardOfRequest(parent, method, requestId);
}

/** The name of an operation. */
export function nameOf(operation: Operation): string {
  return formatName(operation);
}
