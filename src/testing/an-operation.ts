import { formatName } from "../core/name.ts";
import { IdSource } from "../core/id.ts";
import type { Operation } from "../core/operation.ts";
import { create } from "../core/transition.ts";
import { seededRandom } from "./seeded-random.ts";

const ids = new IdSource(seededRandom(1));

/** A new PENDING operation for a test, with what the test cares about in `fields`. */
export function anOperation(fields: Partial<Operation> = {}): Operation {
  const createTime = fields.createTime ?? Date.UTC(2026, 0, 1);
  return {
    ...create({
      id: ids.next(createTime),
      parent: "",
      method: "createArchive",
      requestId: null,
      request: "{}",
      target: "",
      attemptsMax: 3,
      createTime,
      timeToLiveMs: 86_400_000,
      deadlineTime: null,
    }),
    ...fields,
  };
}

/** Its name. */
export function nameOf(operation: Operation): string {
  return formatName(operation);
}
