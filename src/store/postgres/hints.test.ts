import assert from "node:assert/strict";
import { after, test } from "node:test";
import { IdSource } from "../../core/operation/id.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { insertOf } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import { Hints, type HintsParts } from "./hints.ts";
import type { Channel } from "./channel.ts";
import { LOOK } from "./statements-claim.ts";
import { hearing, listeners } from "./hearing.suite.ts";

const address = await aMigratedAddress();
const query = queryOf(open(address));

/** A process that runs methods, or only has callers, and the work it is notified of. */
async function aProcess(runs: readonly string[]) {
  const store = await openStore(address, {
    keepsLeases: runs.length > 0,
    hasCallers: runs.length === 0,
    runs,
  });
  after(() => store.close());
  const told: string[] = [];
  let next = Promise.withResolvers<void>();
  store.watch((changes: readonly Change[]) => {
    const pending = changes.filter(({ state, method }) => state === "PENDING" && runs.includes(method));
    told.push(...pending.map(({ method }) => method));
    if (pending.length > 0) next.resolve();
  });
  return {
    store,
    told,
    untilTold: async () => {
      await next.promise;
      next = Promise.withResolvers();
    },
  };
}

type Process = Awaited<ReturnType<typeof aProcess>>;

/** Resolves when all of them know each other. */
async function acquainted(processes: readonly Process[]): Promise<void> {
  await listeners(query, processes.length);
  for (;;) {
    const [row] = await query("select count(*) from homes");
    if (Number(row?.[0]) === processes.length) return;
  }
}

const SHARDS = Array.from({ length: 64 }, (_, shard) => shard);

/**
 * Resolves when each shard of a method has one owner in the eyes of all: each learns of the others
 * a moment after their start.
 */
async function untilOwned(processes: readonly Process[], method: string): Promise<void> {
  const ownersOf = (shard: number): number =>
    processes.filter(({ store }) => (store.neighbours as Hints).owns(method, shard)).length;
  while (!SHARDS.every((shard) => ownersOf(shard) === 1)) await query("select 1");
}

const start = (store: Store, method: string): Promise<unknown> =>
  store.write(
    insertOf(anOperation({ method, createTime: systemClock.now(), availableTime: systemClock.now() })),
  );

test("a start wakes one worker, which hands it on if it has no free slot", async () => {
  const api = await aProcess([]);
  const workers = [await aProcess(["m"]), await aProcess(["m"]), await aProcess(["m"])];
  await acquainted([api, ...workers]);
  await untilOwned([api, ...workers], "m");
  const broadcasts = await hearing(address, "longrunning_work_public");
  while ((await broadcasts.heard()).length > 0);
  const woken = (): number => workers.filter(({ told }) => told.length > 0).length;
  await start(api.store, "m");
  const first = await Promise.race(workers.map((each) => each.untilTold().then(() => each)));
  assert.equal(woken(), 1);
  assert.equal((await broadcasts.heard()).length, 0);
  first.store.neighbours?.handOn("m");
  const others = workers.filter((each) => each !== first);
  const second = await Promise.race(others.map((each) => each.untilTold().then(() => each)));
  assert.equal(woken(), 2);
  second.store.neighbours?.handOn("m");
  await Promise.all(others.filter(({ told }) => told.length === 0).map((each) => each.untilTold()));
  assert.equal(woken(), 3);
  for (const { told } of workers) assert.equal(told.length, 1);
  await query("delete from operations");
  await Promise.all([api, ...workers].map(({ store }) => store.close()));
});

test("work is announced to all processes if none is known to run its method", async () => {
  const [api, worker] = [await aProcess([]), await aProcess(["other"])];
  const broadcasts = await hearing(address, "longrunning_work_public");
  await start(api.store, "unknown");
  await api.store.close();
  await query("delete from operations");
  assert.ok((await broadcasts.heard()).some((each) => each.includes("unknown")));
  await worker.store.close();
});

test("work is announced only to the process whose claims wait for it", async () => {
  const [waits, other] = [await aProcess([]), await aProcess([])];
  await acquainted([waits, other]);
  const broadcasts = await hearing(address, "longrunning_work_public");
  const hinted = new Map([waits, other].map((each) => [each, new Set<string>()]));
  for (const [{ store }, methods] of hinted)
    store.watch((changes) => changes.forEach(({ id, method }) => id === "" && methods.add(method)));
  await start(other.store, "far");
  waits.store.neighbours?.attendWork(["far"], () => true);
  // Until the other process has read which process waits for the work, it knows of none.
  while (hinted.get(waits)?.has("far") !== true) await start(other.store, "far");
  while ((await broadcasts.heard()).length > 0);
  hinted.get(waits)?.clear();
  await start(other.store, "far");
  while (hinted.get(waits)?.has("far") !== true) await query("select 1");
  assert.deepEqual(await broadcasts.heard(), []);
  assert.equal(hinted.get(other)?.size, 0);
  await query("delete from operations");
  await Promise.all([waits, other].map(({ store }) => store.close()));
});

test("an end is announced to the process that started the operation, and wakes waiters in others", async () => {
  const [one, two, three] = [await aProcess([]), await aProcess([]), await aProcess([])];
  await acquainted([one, two, three]);
  const all = [one, two, three].map(({ store }) => store);
  const told = [new Set<string>(), new Set<string>(), new Set<string>()] as const;
  for (const [index, store] of all.entries())
    store.watch((changes) => changes.forEach(({ id, state }) => state === null && told[index]?.add(id)));
  const origins = new Set(all.map(({ neighbours }) => neighbours?.origin));
  if (origins.size < all.length) return;
  const [ofOne, ofTwo] = [one, two].map(({ store }) => new IdSource(systemRandom, store.neighbours?.origin));
  const remove = async (ids: IdSource | undefined): Promise<string> => {
    assert.ok(ids !== undefined);
    const operation = anOperation({ id: ids.next(systemClock.now()), createTime: systemClock.now() });
    await three.store.write(insertOf(operation));
    await three.store.write({ verb: "remove", id: operation.id, parent: operation.parent });
    return operation.id;
  };
  // Until the removing process knows the others, it notifies all.
  let first: string;
  do {
    first = await remove(ofOne);
    const behind = await remove(ofTwo);
    while (!told[0].has(first) || !told[1].has(behind)) await query("select 1");
  } while (told[1].has(first));
  await two.store.neighbours?.attend(first);
  const second = await remove(ofOne);
  while (!told[0].has(second) || !told[1].has(second)) await query("select 1");
  await Promise.all(all.map((store) => store.close()));
});

test("a shard belongs to one process, and to another after the first has left", async () => {
  const processes = [await aProcess(["m"]), await aProcess(["m"]), await aProcess([])];
  await acquainted(processes);
  const [one, two, api] = processes.map(({ store }) => store.neighbours as Hints);
  await untilOwned(processes, "m");
  assert.equal(one?.tellsHomes, true);
  assert.ok(SHARDS.some((shard) => two?.owns("m", shard)) && !SHARDS.some((shard) => api?.owns("m", shard)));
  await processes[1]?.store.close();
  while (!SHARDS.every((shard) => one?.owns("m", shard))) await query("select 1");
  await Promise.all(processes.map(({ store }) => store.close()));
});

test("live processes sweep in turn, one at a time", async () => {
  const processes = [await aProcess([]), await aProcess(["m"])];
  await acquainted(processes);
  const turns = (): readonly boolean[] => processes.map(({ store }) => store.neighbours?.isTurn() === true);
  // Each process learns of the other a moment after its start.
  while (turns().every(Boolean)) await query("select 1");
  const seen = new Set<number>();
  while (seen.size < 2) {
    const turn = turns();
    if (turn.filter(Boolean).length === 1) seen.add(turn.indexOf(true));
    await query("select 1");
  }
  for (const { store } of processes) await store.close();
});

test("a look finds work that was not announced", async () => {
  const worker = await aProcess(["m"]);
  const deaf = await openStore(address, { keepsLeases: false, postgres: { listen: false } });
  await worker.store.neighbours?.look?.();
  assert.deepEqual(worker.told, []);
  const late = systemClock.now() - 1_000;
  await deaf.write(insertOf(anOperation({ method: "m", createTime: late, availableTime: late })));
  await deaf.write(insertOf(anOperation({ method: "other", createTime: late, availableTime: late })));
  await worker.store.neighbours?.look?.();
  assert.deepEqual(worker.told, ["m"]);
  await Promise.all([deaf.close(), worker.store.close()]);
});

test("on a distributed database, a look finds the shards of work that was not claimed", async () => {
  const now = 1_000_000;
  const rows = [
    ["m", now - 5_000, 17],
    ["n", now - 4_000, 17],
    ["m", now - 3_000, 40],
    // The notified process is claiming it.
    ["m", now - 50, 41],
  ];
  const asked: string[] = [];
  const heard: string[] = [];
  const hints = new Hints({
    database: { query: () => Promise.resolve([]) },
    clock: systemClock,
    random: systemRandom,
    channel: () => ({ send: () => {}, close: () => Promise.resolve() }) as unknown as Channel,
    home: { name: "w", methods: new Set(["n", "m"]) },
    hear: (changes, shards) =>
      heard.push(
        ...changes.map(({ method, availableTime }) => `${method} ${availableTime} ${shards.join()}`),
      ),
    time: () => now,
    look: ((text, parameters) => {
      assert.equal(text, LOOK);
      asked.push(String(parameters?.slice(0, 2)));
      return Promise.resolve(rows);
    }) satisfies HintsParts["look"],
    isDistributed: true,
  });
  await hints.look?.();
  await hints.close();
  assert.deepEqual(asked, ['1000000,{"m","n"}']);
  assert.deepEqual(heard, ["m 995000 17", "n 996000 17", "m 997000 40"]);
});
