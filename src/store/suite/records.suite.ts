import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { IdSource } from "../../core/operation/id.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { type Event, transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { seededRandom } from "../../testing/seeded-random.ts";

/** Times around the store's current time, so close together that equal ones are common. */
const OFFSET_MS = fc.integer({ min: -4, max: 4 });

/** One for all cases, so that no two of their ids are equal. */
const RANDOM = seededRandom(2);

/** Records as a random history leaves them, with all times close to `now`. */
export function anyRecord(now: number, methods: readonly string[] = ["m"]): fc.Arbitrary<Operation> {
  const time = OFFSET_MS.map((offset) => now + offset);
  const createTime = now - 10;
  // Ids have the time of the records, even if an earlier case had a later time.
  const ids = new IdSource(RANDOM);
  const start = fc.record({
    method: fc.constantFrom(...methods),
    availableTime: time,
    deadlineTime: fc.option(time, { nil: null }),
    attemptsMax: fc.integer({ min: 1, max: 3 }),
    timeToLiveMs: fc.integer({ min: 0, max: 4 }),
    priority: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: LIMITS.priorityMax })),
    blocked: fc.nat(3).map((kind) => kind === 0),
  });
  return fc.tuple(start, fc.array(anyEvent(time), { maxLength: 5 })).map(([fields, events]) => {
    // The id is made together with the record, so that shrinking never stores the same id twice.
    const id = ids.next(createTime);
    // Each record has its own key, so that none of them passes its place on to another.
    let operation = anOperation({
      ...fields,
      id,
      parallelKey: fields.blocked ? id : null,
      createTime,
    });
    for (const event of events) {
      // The event presents the current attempt; `transition` decides whether the event is legal.
      const current = "attempt" in event ? { ...event, attempt: operation.attempt } : event;
      operation = transition(operation, current).next ?? operation;
    }
    return operation;
  });
}

function anyEvent(time: fc.Arbitrary<number>): fc.Arbitrary<Event> {
  const error = { code: "ABORTED", message: "It did not work.", details: [] } as const;
  const response = { type: "google.protobuf.Struct", json: '{"a":1}' };
  return fc.tuple(time, time, fc.nat(9)).map(([now, other, kind]): Event => {
    if (kind <= 3) return { type: "claim", now, worker: "worker-1", leaseTime: other };
    if (kind === 4) return { type: "release", now, attempt: 1 };
    if (kind === 5) return { type: "fail", now, attempt: 1, error, exception: "Error", retryTime: other };
    if (kind === 6) return { type: "complete", now, attempt: 1, response };
    if (kind === 7) return { type: "cancel", now };
    if (kind === 8) return { type: "unblock" };
    return { type: "report", now, attempt: 1, leaseTime: other, metadata: response };
  });
}
