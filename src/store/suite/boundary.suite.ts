import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { listOrderOf, type ListPosition } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  aFinishedOperation,
  after,
  aRunningOperation,
  insertOf,
  onStore,
  put,
  read,
  readAll,
  type StoreSubject,
  write,
  writeAll,
} from "./subject.suite.ts";

/** The lowest and highest ids of shards and of time. */
const IDS = [
  "00000000-0000-7000-8000-000000000000",
  "00000000-0000-7000-8000-00000000003f",
  "00000000-0000-7000-8000-000000000040",
  "01999999-9999-7fff-bfff-ffffffffffc0",
  "ffffffff-ffff-7000-8000-000000000000",
  "ffffffff-ffff-7fff-bfff-fffffffffffe",
  "ffffffff-ffff-7fff-bfff-ffffffffffff",
];

/** Values exactly at their limits: sizes, times and numbers. */
export function boundarySuite(subject: StoreSubject): void {
  instantSuite(subject);
  sizeSuite(subject);
}

function instantSuite(subject: StoreSubject): void {
  test(
    "at exactly its instant a lease has ended, a deadline and a time to live have passed, and a delay is over",
    onStore(subject, async ({ store, clock }) => {
      const at = clock.now() + 10;
      const running = aRunningOperation(at);
      const limited = anOperation({ method: "m", deadlineTime: at });
      const delayed = anOperation({ method: "m", availableTime: at });
      const finished = aFinishedOperation({ createTime: clock.now(), timeToLiveMs: 10 });
      await put(store, running, limited, delayed, finished);
      const wanted = [{ method: "m", limit: 9 }];
      const claim = { verb: "claim", worker: "w", leaseMs: 0, limit: 0, wanted } as const;
      const renew = { verb: "renew", id: running.id, attempt: 1, leaseMs: 1, metadata: null } as const;
      const due = async (by: "lease" | "deadline") => (await store.due({ by, limit: 9, after: null })).ids;
      await clock.advance(9);
      assert.deepEqual(await due("lease"), []);
      assert.deepEqual(await due("deadline"), []);
      assert.deepEqual((await write(store, { verb: "purge", limit: 9 })).ids, []);
      assert.equal((await write(store, claim)).nextTime, limited.availableTime);
      await clock.advance(1);
      for (const metadata of [null, { type: STRUCT, json: "{}" }])
        assert.deepEqual(await write(store, { ...renew, metadata }), { held: false });
      assert.deepEqual(await due("lease"), [running.id]);
      assert.deepEqual(await due("deadline"), [limited.id]);
      assert.deepEqual((await write(store, { verb: "purge", limit: 9 })).ids, [finished.id]);
      const { operations, nextTime } = await write(store, { ...claim, limit: 9 });
      assert.deepEqual([operations.map(({ id }) => id), nextTime], [[delayed.id], null]);
      assert.equal(operations[0]?.leaseTime, at, "a lease of no time has ended as it begins");
      assert.deepEqual((await due("lease")).toSorted(), [running.id, delayed.id].toSorted());
    }),
  );

  test(
    "a claim does not return for an operation that becomes due only after its deadline",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      await put(
        store,
        anOperation({ method: "m", availableTime: now + 5, deadlineTime: now }),
        anOperation({ method: "m", availableTime: now + 9, deadlineTime: now + 1 }),
      );
      const wanted = [{ method: "m", limit: 9 }];
      const claim = { verb: "claim", worker: "w", leaseMs: 9, limit: 9, wanted } as const;
      assert.deepEqual(await write(store, claim), { operations: [], nextTime: now + 9 });
    }),
  );

  test(
    "an operation that is claimed again keeps the time of its first start, and is due by its new lease",
    onStore(subject, async ({ store, clock }) => {
      const first = aRunningOperation(clock.now() + 5, { method: "m" });
      await put(store, after(first, { type: "release", now: clock.now(), attempt: 1 }));
      await clock.advance(5);
      const wanted = [{ method: "m", limit: 1 }];
      const claim = { verb: "claim", worker: "w", leaseMs: 7, limit: 1, wanted } as const;
      const [claimed] = (await write(store, claim)).operations;
      assert.deepEqual(
        [claimed?.startTime, claimed?.leaseTime, claimed?.attempt],
        [first.startTime, clock.now() + 7, 2],
      );
    }),
  );

  test(
    "extreme priorities, the largest numbers, and no time to live",
    onStore(subject, async ({ store }) => {
      const most = {
        attemptsMax: 2 ** 31 - 1,
        deadlineTime: Number.MAX_SAFE_INTEGER,
        availableTime: Number.MAX_SAFE_INTEGER - 1,
      };
      const operations = [
        anOperation({ priority: 0, timeToLiveMs: 0 }),
        anOperation({ priority: LIMITS.priorityMax, timeToLiveMs: LIMITS.timeToLiveMsMax, ...most }),
      ];
      await writeAll(
        store,
        operations.map((operation) => insertOf(operation)),
      );
      assert.deepEqual(
        await readAll(
          store,
          operations.map(({ id }) => id),
        ),
        operations,
      );
      const ended = operations.map((each) => after(each, { type: "cancel", now: each.createTime }));
      await writeAll(
        store,
        ended.map((next) => ({ verb: "replace", next, expectedRevision: 1 }) as const),
      );
      for (const each of ended) assert.deepEqual(await read(store, each), each);
      assert.deepEqual((await write(store, { verb: "purge", limit: 9 })).ids, [operations[0]?.id]);
    }),
  );
}

function sizeSuite(subject: StoreSubject): void {
  test(
    "a page fits exactly as many bytes as its limit, and exactly as many operations as requested",
    { skip: subject.seals !== undefined && "what is sealed has more bytes" },
    onStore(subject, async ({ store }) => {
      const json = `{"a":"${"x".repeat(LIMITS.payloadBytesMax - 8)}"}`;
      assert.equal(json.length * 3, LIMITS.pageBytesMax);
      const operations = Array.from({ length: 4 }, () =>
        anOperation({ parent: "large", metadata: { type: STRUCT, json } }),
      );
      const running = operations.map((each) => ({ ...aRunningOperation(1, each), metadata: each.metadata }));
      await put(store, ...running);
      assert.deepEqual(await pageSizes(store, "large", 100), [3, 1]);
      assert.equal((await read(store, running[0] ?? anOperation()))?.metadata?.json, json);
      await put(store, ...Array.from({ length: 6 }, () => anOperation({ parent: "small" })));
      assert.deepEqual(await pageSizes(store, "small", 3), [3, 3]);
      assert.deepEqual(await pageSizes(store, "small", 5), [5, 1]);
      assert.deepEqual(await pageSizes(store, "small", 6), [6]);
      // No index serves this filter, so every examined record may be omitted.
      assert.deepEqual(await pageSizes(store, "small", 3, "nothing OR done = false"), [3, 3]);
    }),
  );

  test(
    "a list in the order of the end continues within one instant",
    onStore(subject, async ({ store, clock }) => {
      const ended = Array.from({ length: 7 }, () =>
        aFinishedOperation({ parent: "p", createTime: clock.now() }),
      );
      const at = new Date(clock.now()).toISOString();
      await put(store, ...ended);
      for (const [orderBy, ids] of [
        ["endTime", ended.map(({ id }) => id).toSorted()],
        [
          "endTime desc",
          ended
            .map(({ id }) => id)
            .toSorted()
            .toReversed(),
        ],
      ] as const)
        for (const limit of [1, 2, 7])
          for (const filter of ["", `metadata.endTime <= ${at} AND metadata.endTime >= ${at}`])
            assert.deepEqual((await pagesOf(store, { parent: "p", limit, orderBy, filter })).flat(), ids);
    }),
  );

  test(
    "ids at both ends of their shards and of time are found by every kind of read",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const times = { createTime: now, availableTime: now };
      const operations = IDS.map((id) => ({
        ...aRunningOperation(now, { ...times, id, parent: "p" }),
        deadlineTime: now,
      }));
      await put(store, ...operations);
      assert.deepEqual(await readAll(store, IDS), operations);
      assert.deepEqual(await store.over(IDS), []);
      for (const limit of [1, 3, 100]) {
        const newestFirst = await pagesOf(store, { parent: "p", limit });
        assert.deepEqual(newestFirst.flat(), IDS.toReversed());
        const everywhere = await pagesOf(store, { parent: "-", limit, orderBy: "createTime" });
        assert.deepEqual(everywhere.flat(), IDS);
      }
      for (const by of ["lease", "deadline"] as const)
        assert.deepEqual((await store.due({ by, limit: 9, after: null })).ids.toSorted(), IDS);
      for (const id of IDS) {
        const renew = { verb: "renew", id, attempt: 1, leaseMs: 9, metadata: null } as const;
        assert.deepEqual(await write(store, renew), { held: false });
        assert.deepEqual(await write(store, { verb: "remove", id, parent: "p" }), { removed: true });
      }
    }),
  );

  test(
    "a turn with exactly as many commands as a write takes, and one more, is answered in order",
    onStore(subject, async ({ store }) => {
      const count = LIMITS.writeBatchMax + 1;
      const operations = Array.from({ length: count }, (_, index) => anOperation({ target: String(index) }));
      const answers = await writeAll(
        store,
        operations.map((operation) => insertOf(operation)),
      );
      assert.equal(answers.filter(({ inserted }) => inserted).length, count);
      const stored = await readAll(
        store,
        operations.map(({ id }) => id),
      );
      assert.deepEqual(
        stored.map((each) => each?.target),
        operations.map(({ target }) => target),
      );
    }),
  );
}

interface Asked {
  readonly parent: string;
  readonly limit: number;
  readonly filter?: string;
  readonly orderBy?: string;
}

/** The ids on each page of a list. */
async function pagesOf(
  store: Store,
  { parent, limit, filter = "", orderBy = "" }: Asked,
): Promise<readonly (readonly string[])[]> {
  const pages: (readonly string[])[] = [];
  const query = {
    collection: collectionOf(parent),
    filter: compileFilter(filter) ?? null,
    order: listOrderOf(orderBy),
    limit,
    content: "SHOWN",
  } as const;
  let position: ListPosition | null = null;
  do {
    const answer: { readonly operations: readonly Operation[]; readonly next: ListPosition | null } =
      await store.list({ ...query, after: position });
    pages.push(answer.operations.map(({ id }) => id));
    position = answer.next;
  } while (position !== null);
  return pages;
}

async function pageSizes(
  store: Store,
  parent: string,
  limit: number,
  filter = "",
): Promise<readonly number[]> {
  return (await pagesOf(store, { parent, limit, filter })).map((page) => page.length);
}
