import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";
import { startProxy } from "../../../test/faults/proxy.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { silence } from "../../core/events.ts";
import type { Change } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { open, queryOf, server } from "./a-database.suite.ts";
import { Channel, type ChannelParts } from "./channel.ts";
import { hearing, listeners } from "./hearing.suite.ts";

const address = await server.createDatabase();
const database = open(address);
const query = queryOf(database);
/** As in channel.ts. */
const CALL_MS = 5_000;
const RECONNECT_MS_MAX = 2_000;
/** An address where nothing listens. */
const AWAY = "postgres://u@127.0.0.1:1/d";

/** A channel, the changes it received, and how often it began to listen. */
class Listening {
  readonly channel: Channel;
  readonly heard: Change[] = [];
  /** The number of times the connection ended. */
  ends = 0;
  #next = Promise.withResolvers<void>();

  constructor(sender: string, schema: string, parts: Partial<ChannelParts> = {}) {
    this.channel = new Channel({
      clock: systemClock,
      options: { address, connections: 1 },
      database,
      schema,
      topics: ["work", "ends"],
      sender,
      tell: { "channel.ended": () => void this.ends++ },
      hear: ({ changes }) => {
        this.heard.push(...changes);
        this.#next.resolve();
      },
      ...parts,
    });
    after(() => this.channel.close());
  }

  /** Resolves when the next changes arrive. */
  async next(): Promise<void> {
    await this.#next.promise;
    this.#next = Promise.withResolvers();
  }
}

const changed = (fields: Partial<Change> = {}): Change => ({
  ...anOperation(),
  cancelRequested: false,
  state: "SUCCEEDED",
  ...fields,
});

/** A closed channel is still listed for a moment, and must not be counted for the next test. */
beforeEach(async () => void (await listeners(query, 0)));

test("two processes receive each other's notices, and not their own", async () => {
  const [one, two] = [new Listening("one", "ours"), new Listening("two", "ours")];
  await listeners(query, 2);
  const ended = changed();
  one.channel.tell([ended]);
  await two.next();
  assert.deepEqual(
    two.heard.map(({ id, state }) => [id, state]),
    [[ended.id, "SUCCEEDED"]],
  );
  const pending = changed({ state: "PENDING", method: "m", availableTime: 42 });
  two.channel.tell([pending]);
  await one.next();
  assert.deepEqual(
    one.heard.map(({ method, availableTime }) => [method, availableTime]),
    [["m", 42]],
  );
  assert.equal(two.heard.length, 1, "its own notice came before the answer to it, and was not told");
  await Promise.all([one.channel.close(), two.channel.close()]);
  one.channel.tell([changed()]);
  await listeners(query, 0);
});

test("a process receives its topics, and sends all topics", async () => {
  const [api, worker] = [
    new Listening("api", "topics", { topics: ["ends"] }),
    new Listening("worker", "topics", { topics: ["work"] }),
  ];
  await listeners(query, 2);
  const [pending, ended] = [changed({ state: "PENDING", method: "m" }), changed()];
  const removed = changed({ state: null });
  api.channel.tell([pending, ended]);
  await worker.next();
  worker.channel.tell([pending, ended]);
  await api.next();
  api.channel.tell([removed]);
  await worker.next();
  assert.deepEqual(
    worker.heard.map(({ id, state }) => [id, state]),
    [
      ["", "PENDING"],
      [removed.id, null],
    ],
  );
  assert.deepEqual(
    api.heard.map(({ id, state }) => [id, state]),
    [[ended.id, "SUCCEEDED"]],
  );
  await Promise.all([api.channel.close(), worker.channel.close()]);
});

test("notices that are pending at the close are sent", async () => {
  const [one, two] = [new Listening("one", "last"), new Listening("two", "last")];
  await listeners(query, 2);
  const ids = Array.from({ length: 1_000 }, () => changed());
  one.channel.tell(ids.slice(0, 1));
  one.channel.tell(ids.slice(1));
  await one.channel.close();
  while (two.heard.length < ids.length) await two.next();
  assert.deepEqual(new Set(two.heard.map(({ id }) => id)), new Set(ids.map(({ id }) => id)));
  await two.channel.close();
});

test("listening begins again when its connection has ended", async () => {
  const [one, two] = [new Listening("one", "again"), new Listening("two", "again")];
  const before = await listeners(query, 2);
  for (const pid of before) await database.query("select pg_terminate_backend($1::integer)", [pid]);
  await listeners(query, 2, before);
  assert.deepEqual([one.ends, two.ends], [1, 1], "once, not over and over");
  one.channel.tell([changed()]);
  await two.next();
  await Promise.all([one.channel.close(), two.channel.close()]);
});

test("a dead connection is replaced when it does not deliver the process's own notice", async () => {
  await using proxy = await startProxy(server.port);
  const clock = new ManualClock();
  const options = {
    address: Object.assign(new URL(address), { port: String(proxy.port) }).href,
    connections: 1,
  };
  const [one, two] = [new Listening("one", "dead", { clock, options }), new Listening("two", "dead")];
  const alive = await listeners(query, 2);
  const calls = await hearing(address, "longrunning_work_dead");
  for (let count = 0; count < 3; count++) {
    await clock.advance(CALL_MS);
    while ((await calls.heard()).length === 0);
    // A message sent after the call arrives after the call.
    two.channel.tell([changed()]);
    await one.next();
  }
  assert.equal(one.ends, 0, "one that brings every call is kept");
  assert.deepEqual(await listeners(query, 2), alive);
  proxy.become("hole");
  // The previous call came back; the next does not.
  for (let count = 0; count < 2; count++) await clock.advance(CALL_MS);
  assert.equal(one.ends, 1);
  proxy.cut();
  proxy.become("pass");
  await clock.advance(RECONNECT_MS_MAX);
  await listeners(query, 1, alive);
  two.channel.tell([changed()]);
  await one.next();
  assert.equal(one.heard.length, 4);
  await Promise.all([one.channel.close(), two.channel.close()]);
  assert.equal(clock.pending, 0);
});

test("changes during a notice are sent with the next one, to all channels in one statement", async () => {
  const sent: string[] = [];
  const release = Promise.withResolvers<void>();
  const slow = {
    query: async (_text: string, [channels, payloads]: readonly unknown[] = []) => {
      if (String(payloads).includes(String.raw`\"d\"`)) sent.push(String(channels));
      await release.promise;
      return [];
    },
  };
  const channel = new Channel({
    clock: systemClock,
    options: { address: AWAY, connections: 1 },
    database: slow,
    schema: "slow",
    topics: ["ends"],
    sender: "one",
    tell: silence,
    hear: () => {},
  });
  for (let count = 0; count < 50; count++) channel.tell([changed({ state: count < 1 ? "SUCCEEDED" : null })]);
  assert.equal(sent.length, 1);
  release.resolve();
  await channel.close();
  await new Promise<void>((resolve) => systemClock.soon(resolve));
  assert.deepEqual(sent, ['{"longrunning_ends_slow"}', '{"longrunning_work_slow","longrunning_ends_slow"}']);
});

test("an outage of the database loses only hints, and does not delay the close", async () => {
  const failing = { query: () => Promise.reject(new Error("away")) };
  const channel = new Channel({
    clock: systemClock,
    options: { address: AWAY, connections: 1 },
    database: failing,
    schema: "away",
    topics: ["ends"],
    sender: "one",
    tell: silence,
    hear: () => {},
  });
  channel.tell([changed()]);
  await channel.close();
});
