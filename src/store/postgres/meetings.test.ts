import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Event } from "../../core/operation/transition.ts";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after, insertOf } from "../suite/subject.suite.ts";
import {
  type Act,
  inOrder,
  interleaved,
  type Meeting,
  type Outcome,
  reversed,
  type Role,
} from "./scene.suite.ts";

const replaced = (operation: Operation, event: Event): Command => ({
  verb: "replace",
  next: after(operation, event),
  expectedRevision: operation.revision,
});
const cancelled = (operation: Operation): Command =>
  replaced(operation, { type: "cancel", now: systemClock.now() });
const removed = ({ id, parent }: Operation): Command => ({ verb: "remove", id, parent });
const started = (
  { method }: Operation,
  fields: Partial<Operation>,
  limit = 1,
  when: "queue" | "reject" = "queue",
) => insertOf(anOperation({ method, createTime: systemClock.now(), ...fields }), { limit, when });
const claimed = ({ method }: Operation, limit: number): Command => {
  const wanted = [{ method, limit }];
  return { verb: "claim", worker: "w", leaseMs: 60_000, limit, wanted };
};
const metadata = { type: "google.protobuf.Struct", json: '{"done":1}' };
const renewed = ({ id }: Operation, report: typeof metadata | null): Command => ({
  verb: "renew",
  id,
  attempt: 1,
  leaseMs: 90_000,
  metadata: report,
});

/** Each act is done by the store that is stopped or by the one that meets it. */
const ACTS = {
  "a start that waits": ({ holder }) => [started(holder, { parallelKey: "k" })],
  "a start that is refused because of the limit": ({ holder }) => [
    started(holder, { parallelKey: "k" }, 1, "reject"),
  ],
  "a start under a raised limit": ({ holder }) => [started(holder, { parallelKey: "k" }, 3)],
  "a start with a request id and a key": ({ holder }) => [
    started(holder, { parallelKey: "k", requestId: "new" }),
  ],
  "a start with the same request id and another key": ({ holder }) => [
    started(holder, { parallelKey: "l", requestId: "new" }),
  ],
  "a start with the same request id": ({ holder }) => [started(holder, { requestId: "new" })],
  "a start with a known request id": ({ free }) => [started(free, { requestId: "known" })],
  "the end of the holder": ({ holder }) => [cancelled(holder)],
  "the end of the next in line": ({ second }) => [cancelled(second)],
  "the removal of the holder": ({ holder }) => [removed(holder)],
  "the removal of the next in line": ({ second }) => [removed(second)],
  "the ends of two holders": ({ holder, other }) => [cancelled(holder), cancelled(other)],
  "the ends of two holders, the other way round": ({ holder, other }) => [
    cancelled(other),
    cancelled(holder),
  ],
  "a claim of one": ({ free }) => [claimed(free, 1)],
  "a claim of all": ({ free }) => [claimed(free, 50)],
  "an end": ({ free }) => [cancelled(free)],
  "a removal": ({ free }) => [removed(free)],
  "a renewal": ({ running }) => [renewed(running, null)],
  "a report": ({ running }) => [renewed(running, metadata)],
  "a completion": ({ running }) => [
    replaced(running, { type: "complete", now: systemClock.now(), attempt: 1, response: metadata }),
  ],
  "a request to cancel": ({ running }) => [cancelled(running)],
  "the end of a lease": ({ running }) => {
    const now = running.leaseTime ?? 0;
    const next = after(running, { type: "expire", now, retryTime: 1 });
    return [{ verb: "replace", next, expectedRevision: running.revision, expectedLeaseTime: now }];
  },
  "a removal of a running operation": ({ running }) => [removed(running)],
  "a purge": () => [{ verb: "purge", limit: 9 }],
  "a removal of an expired record": ({ expired }) => [removed(expired)],
  "many at once": ({ running, free, holder }) => [
    renewed(running, metadata),
    cancelled(free),
    cancelled(holder),
  ],
} satisfies Record<string, Act>;

type Name = keyof typeof ACTS;

interface Line {
  readonly roles: readonly Role[];
  readonly stopped: readonly Name[];
  readonly meanwhile: readonly Name[];
}

/** Every stopped act meets every act that comes meanwhile. */
const LINES: readonly Line[] = [
  {
    roles: ["holder", "second", "third"],
    stopped: ["a start under a raised limit", "the removal of the holder"],
    meanwhile: [
      "a start that is refused because of the limit",
      "a start under a raised limit",
      "the end of the holder",
      "the end of the next in line",
      "the removal of the holder",
      "the removal of the next in line",
      "a claim of all",
    ],
  },
  {
    roles: ["holder", "second", "third"],
    stopped: ["a start that waits", "the end of the holder"],
    meanwhile: ["the end of the holder", "the removal of the next in line"],
  },
  {
    roles: ["holder", "second", "third"],
    stopped: ["the end of the next in line", "the removal of the next in line", "a claim of all"],
    meanwhile: ["the end of the holder"],
  },
  {
    roles: ["holder", "second", "other", "otherSecond"],
    stopped: ["the ends of two holders"],
    meanwhile: ["the ends of two holders, the other way round"],
  },
  {
    roles: ["holder", "other"],
    stopped: ["a start with a request id and a key", "a start with the same request id"],
    meanwhile: [
      "a start with a request id and a key",
      "a start with the same request id and another key",
      "a start with the same request id",
    ],
  },
  {
    roles: ["free"],
    stopped: ["a start with a known request id"],
    meanwhile: ["a removal", "an end"],
  },
  {
    roles: ["free", "running"],
    stopped: ["a claim of one", "an end", "a removal"],
    meanwhile: ["a claim of one", "a claim of all", "an end", "a removal"],
  },
  {
    roles: ["running"],
    stopped: ["a report", "a completion", "the end of a lease", "a removal of a running operation"],
    meanwhile: [
      "a renewal",
      "a report",
      "a completion",
      "a request to cancel",
      "the end of a lease",
      "a removal of a running operation",
    ],
  },
  {
    roles: ["expired", "free"],
    stopped: ["a purge", "a removal of an expired record"],
    meanwhile: ["a purge", "a removal of an expired record", "a claim of all"],
  },
  {
    roles: ["holder", "second", "running", "free"],
    stopped: ["many at once"],
    meanwhile: ["a completion"],
  },
];

/**
 * Whatever the moment, the result is as if one had come after the other. @returns how many times
 * the first was stopped
 */
async function meet(meeting: Meeting, mayWait: boolean): Promise<number> {
  const { stops, ...inTurn } = await inOrder(meeting);
  const serial = [inTurn, await reversed(meeting)];
  // A single statement is answered only when everything is done.
  const places = stops.length > 2 ? stops : stops.filter(({ point }) => point === "commit");
  for (const place of places) {
    const { hasWaited, ...outcome } = await interleaved(meeting, place);
    check(outcome, serial, `${place.point} ${place.number}`);
    assert.ok(mayWait || !hasWaited, "claims and purges leave to others what they have locked");
  }
  return places.length;
}

function check(found: Outcome, serial: readonly Outcome[], where: string): void {
  if (serial.some((each) => isDeepStrictEqual(found, each))) return;
  assert.deepEqual(found, serial[0], `stopped at ${where}, and neither order explains it`);
}

describe("two connections that meet at every statement", () => {
  for (const { roles, stopped, meanwhile } of LINES)
    for (const first of stopped)
      for (const second of meanwhile)
        it(`${first} is stopped for ${second}`, async () => {
          const mayWait = !/^a (?:claim|purge)/.test(second);
          assert.ok((await meet({ acts: [ACTS[first], ACTS[second]], roles }, mayWait)) > 0);
        });
});
