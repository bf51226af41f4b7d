import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import postgres from "postgres";
import { startProxy } from "../../test/faults/proxy.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { startServerProcess } from "../../test/support/server-process.ts";
import { z } from "zod";
import { source } from "../cli/world.suite.ts";
import { systemClock } from "../core/ports/clock.ts";
import { Teller } from "../core/teller.ts";
import { defineMethod } from "../index.ts";
import { readMigrations } from "../store/migrate.ts";
import { openForWriting } from "../store/sqlite/connection.ts";
import { migrate } from "../store/sqlite/schema.ts";
import { failureOf, portOpened, probed, untilProbed, watchHealth, WELL } from "./probed.suite.ts";
import { type Served, serve, serveToldBy } from "./serve.ts";

const entered = Promise.withResolvers<void>();
const hold = defineMethod({
  name: "hold",
  request: z.object({}),
  async run(_request, { signal }) {
    entered.resolve();
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  },
});
const database = await postgresForTests();
after(() => database[Symbol.asyncDispose]());
const directory = mkdtempSync(join(tmpdir(), "longrunning-ports-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Stops the server, whatever the test did. */
async function stopAtOnce(serving: Promise<Served>): Promise<void> {
  const served = await serving.catch(() => undefined);
  await served?.stop({ drain: "0s", drainDelay: "0s" });
}

const STARTING = { store: "it is being opened", migrations: "the store is being opened" };

describe("probes on PostgreSQL", () => {
  it("report the state while it starts, migrates, serves, has no store, and drains", async (context) => {
    await using proxy = await startProxy(database.port);
    const direct = await database.createDatabase();
    const store = Object.assign(new URL(direct), { port: String(proxy.port) }).href;
    // An old snapshot, for which the concurrent building of an index waits.
    const stranger = postgres(direct, { max: 1, onnotice: () => {} });
    await stranger.unsafe("begin isolation level repeatable read");
    await stranger.unsafe("select 1");

    proxy.become("hole");
    const teller = new Teller();
    const opened = portOpened(teller);
    const serving = serveToldBy(teller, { methods: [hold], store, port: 0, drain: "0s" });
    context.after(() => stopAtOnce(serving));
    const url = await opened;
    assert.deepEqual(await untilProbed(url, () => true), { ...WELL, ready: STARTING, grpc: "NOT_SERVING" });
    const health = watchHealth(url);
    const refused = await fetch(`${url}/v1/operations`);
    assert.deepEqual([refused.status, refused.headers.get("retry-after")], [503, "1"]);
    assert.match(await refused.text(), /"reason": "STARTING"/);

    proxy.become("pass");
    const migrating = await untilProbed(url, (said) => /which waits/.test(failureOf(said, "migrations")));
    assert.equal(migrating.live, "ok");
    assert.equal(failureOf(migrating, "store"), "");
    assert.match(
      failureOf(migrating, "migrations"),
      /^applying \d{4}-[a-z-]+, which waits for another session$/,
    );
    await stranger.unsafe("rollback");
    await stranger.end();

    const served = await serving;
    assert.equal(served.url, url);
    assert.deepEqual(await probed(url), WELL);

    proxy.become("hole");
    const away = await untilProbed(url, (said) => said.ready !== "ok");
    assert.deepEqual(away, {
      live: "ok",
      ready: { store: "it did not answer within 0.8s" },
      grpc: "NOT_SERVING",
    });
    proxy.become("refuse");
    proxy.cut();
    assert.deepEqual((await probed(url)).ready, away.ready);
    proxy.become("pass");
    assert.deepEqual(await untilProbed(url, (said) => said.ready === "ok"), WELL);
    while (health.told.at(-1) !== "SERVING") await probed(url);

    const stopped = served.stop({ drainDelay: "10m" });
    const draining = { live: "ok", ready: { draining: "the server is stopping" }, grpc: "NOT_SERVING" };
    assert.deepEqual(await probed(url), draining);
    assert.equal((await fetch(`${url}/v1/operations`)).status, 200, "it serves on");
    await served.stop();
    await stopped;
    assert.equal(health.told[0], "NOT_SERVING");
    assert.deepEqual(health.told.slice(-2), ["SERVING", "NOT_SERVING"]);
    assert.ok(
      health.told.every((each, index) => each !== health.told[index - 1]),
      "only changes are told",
    );
    health.stop();
  });

  it("cost the store one query a second, however many probes arrive", async () => {
    const teller = new Teller();
    const store = await database.createDatabase();
    const served = await serveToldBy(teller, { methods: [], store, port: 0 });
    let reads = 0;
    teller.watch(
      (...[name, fields]) => {
        if (name === "store.batch-ended" && fields.lane === "read") reads++;
      },
      ["store.batch-ended"],
    );
    const began = systemClock.monotonic();
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${served.url}/readyz`)));
      for (const answer of answers) assert.equal(await answer.text(), "ok");
    }
    const seconds = (systemClock.monotonic() - began) / 1_000;
    assert.ok(reads >= 1 && reads <= seconds + 1, `${reads} questions in ${seconds} s`);
    await served.stop();
  });

  it("are the only calls that a worker answers, until its handlers have ended", async () => {
    const store = await database.createDatabase();
    const api = await serve({ methods: [hold], store, port: 0, role: "api" });
    const worker = await serve({ methods: [hold], store, role: "worker", probePort: 0, drain: "10m" });
    assert.equal(worker.url, "");
    assert.deepEqual(await probed(worker.probeUrl), WELL);
    assert.equal((await fetch(`${worker.probeUrl}/v1/operations`)).status, 404);
    await fetch(`${api.url}/v1:hold`, { method: "POST" });
    await entered.promise;
    const stopped = worker.stop();
    const draining = { live: "ok", ready: { draining: "the server is stopping" }, grpc: "NOT_SERVING" };
    assert.deepEqual(await probed(worker.probeUrl), draining);
    await worker.stop({ drain: "0s" });
    await stopped;
    await assert.rejects(fetch(worker.probeUrl));
    await api.stop();
  });
});

describe("probes on SQLite", () => {
  it("report the state while it starts, serves, has no store, and drains", async (context) => {
    const path = join(directory, "operations.db");
    const file = join(directory, "methods.mjs");
    const methods = `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
      const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
      export const quick = defineMethod({ name: "quick", request, run: () => {} });`;
    writeFileSync(file, methods);
    await using before = await startServerProcess({
      file,
      store: `sqlite:${path}`,
      flags: ["--probe-port", "0"],
    });
    await before.end("SIGKILL");
    rmSync(`${path}.lock`);

    // If the lock was deleted, the previous server may still run: it gets time to notice.
    const teller = new Teller();
    const opened = portOpened(teller);
    const options = { methods: [hold], store: `sqlite:${path}`, port: 0, probePort: 0 };
    const serving = serveToldBy(teller, options);
    context.after(() => stopAtOnce(serving));
    const url = await opened;
    const starting = await untilProbed(url, () => true);
    assert.deepEqual(starting, { ...WELL, ready: STARTING, grpc: "NOT_SERVING" });
    const served = await serving;
    assert.deepEqual(await probed(url), WELL);
    assert.deepEqual(await probed(served.probeUrl), WELL);

    const stopped = served.stop({ drainDelay: "10m" });
    const draining = { live: "ok", ready: { draining: "the server is stopping" }, grpc: "NOT_SERVING" };
    assert.deepEqual(await probed(url), draining);
    assert.deepEqual(await probed(served.probeUrl), draining);

    rmSync(path);
    await served.operations.lost;
    const lost = await probed(url);
    assert.deepEqual(lost.ready, { store: "it is gone for good", draining: "the server is stopping" });
    await served.stop();
    await stopped;
  });

  it("name the migration that is being applied to a file of an older program", async (context) => {
    const path = join(directory, "older.db");
    const [newest] = readMigrations("sqlite").slice(-1);
    const other = openForWriting(path);
    context.after(() => other.close());
    migrate(other, 7, readMigrations("sqlite").slice(0, -1));
    // The migration waits for this.
    other.exec("begin immediate");
    const teller = new Teller();
    const opened = portOpened(teller);
    const serving = serveToldBy(teller, { methods: [hold], store: `sqlite:${path}`, port: 0 });
    context.after(() => stopAtOnce(serving));
    const url = await opened;
    const said = await untilProbed(url, (each) => failureOf(each, "migrations").startsWith("applying"));
    assert.deepEqual([said.live, said.grpc], ["ok", "NOT_SERVING"]);
    assert.equal(failureOf(said, "migrations"), `applying ${newest?.name}`);
    other.exec("rollback");
    await serving;
    assert.deepEqual(await probed(url), WELL);
  });
});

describe("the port of probes", () => {
  it("is checked before there is a store; if it is taken, the other port is released", async () => {
    const taken = await serve({ methods: [], store: "sqlite::memory:", port: 0 });
    const folder = mkdtempSync(join(directory, "taken-"));
    const options = { methods: [], store: `sqlite:${join(folder, "operations.db")}`, port: 0 };
    const probePort = Number(new URL(taken.url).port);
    const teller = new Teller();
    const opened = portOpened(teller);
    await assert.rejects(serveToldBy(teller, { ...options, probePort }), /another program listens there/);
    await assert.rejects(fetch(await opened), "the other port is closed again");
    assert.deepEqual(readdirSync(folder), []);
    const served = await serve({ ...options, probePort: 0 });
    assert.notEqual(served.url, served.probeUrl);
    await served.stop();
    await taken.stop();
  });
});
