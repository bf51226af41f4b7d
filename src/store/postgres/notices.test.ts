import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { STATES } from "../../core/operation/operation.ts";
import type { Change } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { originOf, shardOf } from "../../core/operation/id.ts";
import {
  EVERYBODY,
  NOBODY,
  noticesOf,
  noticesOfHomes,
  noticesOfWork,
  readPayload,
  type Topic,
} from "./notices.ts";

const id = fc.uuid({ version: 7 });
const method = fc
  .string({ unit: fc.constantFrom("a", "B", "7"), maxLength: LIMITS.methodNameLengthMax - 1 })
  .map((text) => `m${text}`);
const aChange: fc.Arbitrary<Change> = fc.record({
  id,
  method,
  state: fc.constantFrom(...STATES, null),
  availableTime: fc.nat(4_000_000_000_000),
  cancelRequested: fc.boolean(),
});

/** The changes that listeners of a topic may wait for, computed one by one. */
function expected(topic: Topic, changes: readonly Change[]): readonly string[] {
  const earliest = new Map<string, number>();
  const others: string[] = [];
  for (const { state, method: name, availableTime, cancelRequested, id: about } of changes) {
    const isOfWork = state === "PENDING" || state === "RUNNING";
    if (state !== null && isOfWork !== (topic === "work")) continue;
    if (state === "PENDING") {
      earliest.set(name, Math.min(earliest.get(name) ?? Infinity, availableTime));
    } else if (state !== "RUNNING") others.push(`${state} ${about}`);
    else if (cancelRequested) others.push(`cancelled ${about}`);
  }
  return [...Array.from(earliest, ([name, time]) => `pending ${name} ${time}`), ...others].toSorted(byText);
}

function told(payloads: readonly string[]): readonly string[] {
  return payloads
    .flatMap((each) => readPayload(each)?.changes ?? [])
    .map((change) => {
      if (change.state === "PENDING") return `pending ${change.method} ${change.availableTime}`;
      return change.state === "RUNNING" && change.cancelRequested
        ? `cancelled ${change.id}`
        : `${change.state} ${change.id}`;
    })
    .toSorted(byText);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

test("notices contain the changes of their topic and no others, in less than 8,000 bytes each", () => {
  fc.assert(
    fc.property(fc.array(aChange, { maxLength: 500, size: "max" }), (changes) => {
      const notices = noticesOf("senderOf", changes);
      for (const { payload } of notices) assert.ok(Buffer.byteLength(payload) < 8_000);
      for (const topic of ["work", "ends"] as const) {
        const ofTopic = notices.filter((each) => each.topic === topic).map(({ payload }) => payload);
        assert.deepEqual(told(ofTopic), expected(topic, changes));
      }
    }),
    { numRuns: 20 },
  );
});

test("a full batch of ends takes few payloads", () => {
  const changes = Array.from(
    { length: 1_000 },
    (): Change => ({ ...anOperation(), state: "SUCCEEDED", cancelRequested: false }),
  );
  assert.equal(noticesOf("sender", changes).length, 6);
  assert.deepEqual(noticesOf("sender", []), []);
});

test("readPayload() returns the sender, and undefined for a payload of another program", () => {
  const [notice] = noticesOf("me", [{ ...anOperation(), cancelRequested: false }]);
  assert.equal(readPayload(notice?.payload ?? "")?.sender, "me");
  const nothing = { sender: "me", changes: [], moved: false, shards: [], left: undefined };
  assert.deepEqual(readPayload('{"s":"me"}'), nothing);
  for (const text of [
    "",
    "hello",
    "null",
    "7",
    "{}",
    '{"s":7}',
    '{"s":"me","d":7}',
    '{"s":"me","c":[7],"d":[null]}',
  ])
    assert.equal(readPayload(text), undefined);
});

test("work is sent to its home with the shards of its batch, or to all processes if no home is known", () => {
  const home = fc.constantFrom("one", "two", EVERYBODY, NOBODY);
  fc.assert(
    fc.property(
      fc.array(aChange, { maxLength: 70 }),
      fc.array(home, { minLength: 64, maxLength: 64 }),
      (changes, homes) => {
        const notices = noticesOf("me", changes, { homeOf: (_, shard) => homes[shard] ?? EVERYBODY });
        const pending = changes.filter(({ state }) => state === "PENDING");
        const [first] = pending;
        const to = homes[shardOf(first?.id ?? "00")];
        const ofWork = notices.filter(({ payload }) => payload.includes('"w"'));
        assert.ok(ofWork.every((each) => each.home === (to === EVERYBODY ? undefined : to)));
        const shards = ofWork.flatMap(({ payload }) => readPayload(payload)?.shards ?? []);
        const where = to === NOBODY ? [] : pending.map(({ id: each }) => shardOf(each));
        assert.deepEqual(new Set(shards), new Set(where));
      },
    ),
  );
});

test("work that is handed on contains its remaining steps, and changes of processes are sent to all", () => {
  const [handed] = noticesOfWork(
    "me",
    { methods: new Map([["m", 7]]), shards: new Set([3, 5]), left: 2 },
    "you",
  );
  assert.equal(handed?.home, "you");
  const heard = readPayload(handed.payload);
  assert.deepEqual([heard?.shards, heard?.left, heard?.moved], [[3, 5], 2, false]);
  assert.deepEqual(
    heard?.changes.map((each) => [each.state, each.method, each.availableTime]),
    [["PENDING", "m", 7]],
  );
  const moved = noticesOfHomes("me");
  assert.deepEqual(
    moved.map(({ topic, home }) => [topic, home]),
    [
      ["work", undefined],
      ["ends", undefined],
    ],
  );
  assert.ok(moved.every(({ payload }) => readPayload(payload)?.moved));
});

test("an end is sent to the process that started the operation, or to all if it is not known", () => {
  fc.assert(
    fc.property(fc.array(aChange, { maxLength: 70 }), fc.uniqueArray(fc.nat(255)), (changes, known) => {
      const notices = noticesOf("me", changes, { hasOrigin: (origin) => known.includes(origin) });
      const ends = notices.filter(({ topic }) => topic === "ends");
      for (const { origin, payload } of ends) {
        for (const each of readPayload(payload)?.changes ?? []) {
          const own = originOf(each.id);
          assert.equal(origin, known.includes(own) ? own : undefined);
        }
      }
      assert.deepEqual(told(ends.map(({ payload }) => payload)), expected("ends", changes));
    }),
  );
});
