import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { insertOf } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import { hearing, listeners } from "./hearing.suite.ts";

const address = await aMigratedAddress();
const query = queryOf(open(address));

/** A process that runs a method, or only has callers, and the work that it is told of. */
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

/** All of them know all. */
async function acquainted(processes: readonly Process[]): Promise<void> {
  await listeners(query, processes.length);
  for (;;) {
    const [row] = await query("select count(*) from homes");
    if (Number(row?.[0]) === processes.length) return;
  }
}

const start = (store: Store, method: string): Promise<unknown> =>
  store.write(
    insertOf(anOperation({ method, createTime: systemClock.now(), availableTime: systemClock.now() })),
  );

test("work that is started wakes one worker, which hands it on where it has no room", async () => {
  const api = await aProcess([]);
  const workers = [await aProcess(["m"]), await aProcess(["m"]), await aProcess(["m"])];
  await acquainted([api, ...workers]);
  const broadcasts = await hearing(address, "longrunning_work_public");
  // Whoever came last was announced to the others, who look then.
  while ((await broadcasts.heard()).length > 0);
  const woken = (): number => workers.filter(({ told }) => told.length > 0).length;
  await start(api.store, "m");
  const first = await Promise.race(workers.map((each) => each.untilTold().then(() => each)));
  assert.equal(woken(), 1);
  assert.equal((await broadcasts.heard()).length, 0);
  first.store.handOn?.("m");
  const others = workers.filter((each) => each !== first);
  const second = await Promise.race(others.map((each) => each.untilTold().then(() => each)));
  assert.equal(woken(), 2);
  second.store.handOn?.("m");
  await Promise.all(others.filter(({ told }) => told.length === 0).map((each) => each.untilTold()));
  assert.equal(woken(), 3);
  for (const { told } of workers) assert.equal(told.length, 1);
});

test("work of a method that nobody is known to run is told to all", async () => {
  const [api, worker] = [await aProcess([]), await aProcess(["other"])];
  const broadcasts = await hearing(address, "longrunning_work_public");
  await start(api.store, "unknown");
  await api.store.close();
  assert.ok((await broadcasts.heard()).some((each) => each.includes("unknown")));
  await worker.store.close();
});
