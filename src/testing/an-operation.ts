import { ANONYMOUS, callerText } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { IdSource, shardOfRequest } from "../core/operation/id.ts";
import type { Operation } from "../core/operation/operation.ts";
import { create } from "../core/operation/transition.ts";
import { seededRandom } from "./seeded-random.ts";

const ids = new IdSource(seededRandom(1));

/** A new PENDING operation for a test, with what the test cares about in `fields`. */
export function anOperation(fields: Partial<Operation> = {}): Operation {
  const createTime = fields.createTime ?? Date.UTC(2026, 0, 1);
  const { parent = "", method = "createArchive", requestId = null } = fields;
  const shard = requestId === null ? undefined : shardOfRequest(parent, method, requestId);
  return {
    ...create({
      id: ids.next(createTime, shard),
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
    }),
    ...fields,
  };
}

/** Its name. */
export function nameOf(operation: Operation): string {
  return formatName(operation);
}
