import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { aMigratedAddress, LosingDatabase, open } from "./a-database.suite.ts";
import { BEAT_MS, DEAD_MS, LiveHomes, type LiveHomesParts } from "./live-homes.ts";
import { OwnHome } from "./own-home.ts";

/** Processes on one database, with one clock that is also the database's. */
async function neighbourhood() {
  const address = await aMigratedAddress();
  const database = open(address, { connections: 2 });
  const clock = new ManualClock();
  return {
    address,
    clock,
    database,
    process: (name: string, methods: readonly string[] = [], parts: Partial<LiveHomesParts> = {}) => {
      const announced: string[] = [];
      const own = new OwnHome(name, methods);
      const homes = new LiveHomes({
        database,
        own,
        announce: () => announced.push(name),
        clock,
        now: () => clock.now(),
        ...parts,
      });
      after(() => homes.stop());
      return Object.assign(homes, { announced, own });
    },
    rows: async () => (await database.query("select name from homes order by name")).map(([name]) => name),
  };
}

const ALL = Array.from({ length: 64 }, (_, shard) => shard);

function ownersOf(homes: LiveHomes, method: string): ReadonlySet<string | undefined> {
  return new Set(ALL.map((shard) => homes.known.owner(method, shard)));
}

test("live processes know each other and the methods of each", async () => {
  const { process } = await neighbourhood();
  const [one, two, api] = [process("one", ["a"]), process("two", ["a", "b"]), process("api")];
  assert.equal(one.known.count(), 0, "nobody is known before the database has answered");
  for (const each of [one, two, api]) await each.start();
  for (const each of [one, two]) await each.look();
  for (const each of [one, two, api]) {
    assert.deepEqual(ownersOf(each, "a"), new Set(["one", "two"]));
    assert.deepEqual(ownersOf(each, "b"), new Set(["two"]));
    assert.deepEqual(ownersOf(each, "c"), new Set([undefined]));
    assert.equal(each.known.count(), 3);
    assert.equal(each.announced.length, 1);
  }
});

test("a process with waiting claims is listed for their methods, and no longer after its claims have ended for a while", async () => {
  const { process, clock } = await neighbourhood();
  const [one, api] = [process("one", ["a"]), process("api")];
  for (const each of [one, api]) await each.start();
  await one.look();
  let isWaitedFor = true;
  assert.equal(
    api.own.attend(["far"], () => isWaitedFor, clock.monotonic()),
    true,
  );
  assert.equal(
    api.own.attend(["far"], () => isWaitedFor, clock.monotonic()),
    false,
  );
  await api.look();
  assert.deepEqual(api.announced, ["api", "api"]);
  assert.deepEqual(ownersOf(one, "far"), new Set([undefined]), "before it has heard of it");
  one.moved("api");
  await one.look();
  assert.deepEqual([ownersOf(one, "far"), ownersOf(api, "far")], [new Set(["api"]), new Set(["api"])]);
  const beat = async (): Promise<void> => {
    await clock.advance(BEAT_MS);
    await api.look();
  };
  await beat();
  isWaitedFor = false;
  await beat();
  assert.deepEqual(api.announced, ["api", "api"], "the next claim may be on its way");
  await beat();
  assert.deepEqual(api.announced, ["api", "api", "api"]);
  one.moved("api");
  await one.look();
  assert.deepEqual(ownersOf(one, "far"), new Set([undefined]));
});

test("a change without a notice is found within a minute", async () => {
  const { process, clock } = await neighbourhood();
  const [one, api] = [process("one", ["a"]), process("api")];
  for (const each of [one, api]) await each.start();
  await one.look();
  api.own.attend(["far"], () => true, clock.monotonic());
  await api.look();
  for (let beats = 0; beats < 12; beats++) {
    await clock.advance(BEAT_MS);
    await api.look();
    await one.look();
  }
  assert.deepEqual(ownersOf(one, "far"), new Set(["api"]));
});

test("a process that leaves announces it and is forgotten", async () => {
  const { process, rows } = await neighbourhood();
  const [one, two] = [process("one", ["a"]), process("two", ["a"])];
  await one.start();
  await two.start();
  await two.stop();
  assert.equal(two.announced.length, 2);
  assert.equal(two.known.count(), 0);
  await one.look();
  assert.deepEqual(ownersOf(one, "a"), new Set(["one"]));
  assert.deepEqual(await rows(), ["one"]);
});

test("a killed process is forgotten when its row is old, and its row is removed a minute later", async () => {
  const { clock, process, rows } = await neighbourhood();
  const [one, two] = [process("one", ["a"]), process("two", ["a"])];
  await one.start();
  await two.start();
  await one.look();
  // Like kill -9: nothing is announced, and no beat follows.
  const { own } = { own: "two" };
  const beats = async (count: number): Promise<void> => {
    for (let beat = 0; beat < count; beat++) {
      await clock.advance(BEAT_MS);
      await one.look();
    }
  };
  Object.assign(two, { look: () => Promise.resolve() });
  await beats(DEAD_MS / BEAT_MS - 1);
  assert.ok(ownersOf(one, "a").has(own));
  await beats(2);
  assert.ok(!ownersOf(one, "a").has(own));
  assert.deepEqual(await rows(), ["one", "two"]);
  await beats(60_000 / BEAT_MS);
  assert.deepEqual(await rows(), ["one"]);
});

test("one statement a beat renews a row and reads all, and methods are read once", async () => {
  const { address, clock, process } = await neighbourhood();
  const counting = new LosingDatabase({ address, connections: 1 });
  after(() => counting.close());
  const other = process("other", ["m"]);
  await other.start();
  const one = process("one", ["a"], { database: counting });
  await one.start();
  const begun = counting.carriedOut;
  for (let beat = 1; beat <= 5; beat++) {
    await clock.advance(BEAT_MS);
    // On a slow machine the look of its timer may not be written before the next beat.
    await other.look();
    await one.look();
    assert.ok(counting.carriedOut - begun <= 2 * beat);
    assert.deepEqual(ownersOf(one, "m"), new Set(["other"]));
  }
});

test("calls during a look share one more, which begins after them and which they wait for", async () => {
  const { address, process } = await neighbourhood();
  const counting = new LosingDatabase({ address, connections: 1 });
  after(() => counting.close());
  const one = process("one", ["a"], { database: counting });
  await one.start();
  const begun = counting.carriedOut;
  const first = one.look();
  const others = [one.look(), one.look()];
  await first;
  assert.equal(counting.carriedOut - begun, 1);
  await Promise.all(others);
  assert.equal(counting.carriedOut - begun, 2);
});

test("a row that was removed is written again", async () => {
  const { database, process, rows } = await neighbourhood();
  const one = process("one", ["a"]);
  await one.start();
  await database.query("delete from homes");
  await one.look();
  assert.deepEqual(await rows(), ["one"]);
  assert.equal(one.announced.length, 2);
});

test("if the database does not answer, all processes are forgotten after a while, and live ones are found again later", async () => {
  const { address, clock, process } = await neighbourhood();
  const losing = new LosingDatabase({ address, connections: 1 });
  after(() => losing.close());
  const one = process("one", ["a"], { database: losing });
  await one.start();
  losing.losing = Number.POSITIVE_INFINITY;
  await clock.advance(DEAD_MS - 1);
  await one.look();
  assert.equal(one.known.count("a"), 1);
  await clock.advance(1);
  await one.look();
  assert.equal(one.known.count("a"), 0);
  losing.losing = 0;
  await one.look();
  assert.equal(one.known.count("a"), 1);
});
