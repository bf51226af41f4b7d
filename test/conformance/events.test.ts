import assert from "node:assert/strict";
import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { z } from "zod";
import { openToldBy } from "../../src/assembly/open.ts";
import { serveToldBy } from "../../src/assembly/serve.ts";
import { createClient, OperationError } from "../../src/client/index.ts";
import type { EventName } from "../../src/core/events.ts";
import { Teller, type Told } from "../../src/core/teller.ts";
import { defineMethod } from "../../src/index.ts";
import { openGrpcTest } from "../../src/server/grpc/grpc-server.suite.ts";
import { openRestServer, TRANSPORTS } from "../../src/server/rest/rest-server.suite.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";

const MISSING = "operations/019a0000-0000-7000-8000-000000000000";
const folder = mkdtempSync(join(tmpdir(), "longrunning-events-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** An events hub, everything that it emitted, and a way to await an event. */
function aTeller() {
  const teller = new Teller();
  const told: Told[] = [];
  const of = (...names: readonly EventName[]): Told[] => told.filter(([name]) => names.includes(name));
  let waiting: (() => boolean)[] = [];
  teller.watch((...event) => {
    told.push(event);
    waiting = waiting.filter((isOver) => !isOver());
  });
  /** Resolves once the event has been emitted this many times. */
  const until = (name: EventName, count: number): Promise<void> =>
    new Promise((resolve) => {
      const isOver = (): boolean => {
        if (of(name).length < count) return false;
        resolve();
        return true;
      };
      if (!isOver()) waiting.push(isOver);
    });
  return { teller, told, of, until };
}

/** A method whose handler reports, and ends when its report has been stored. */
function packing(reported: () => Promise<void>) {
  return defineMethod({
    name: "pack",
    request: z.object({ fails: z.boolean() }),
    response: z.object({}),
    metadata: z.object({ percent: z.number() }),
    retry: { attempts: 1 },
    async run({ fails }, { report }) {
      report({ percent: 50 });
      await reported();
      if (fails) throw new Error("no");
      return {};
    },
  });
}

/** The events that name an operation, without the fields that differ from run to run. */
function lifeOf(told: readonly Told[], name: string): unknown[] {
  return told
    .filter(([, fields]) => "operation" in fields && fields.operation === name)
    .map(([event, fields]) => [event, withoutTimes({ ...fields })]);
}

function withoutTimes(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { operation: _operation, durationMs = 0, waitMs = 0, worker, exception, ...others } = fields;
  if (worker !== undefined) assert.match(worker as string, /-\d+-[\da-f]{8}$/);
  for (const each of [durationMs, waitMs]) assert.ok(Number(each) >= 0 && Number(each) < 60_000);
  if (exception !== undefined) assert.match(exception as string, /^Error: no\n/);
  return others;
}

const method = "pack";
const attempt = 1;

/** The events of an operation, from its start until it is deleted. */
function wholeLife(fails: boolean): unknown[] {
  const end = fails ? { state: "FAILED", code: "INTERNAL" } : { state: "SUCCEEDED", code: undefined };
  return [
    ["operation.started", { method }],
    ["attempt.claimed", { method, attempt }],
    ["attempt.began", { method, attempt }],
    ["attempt.reported", { method, attempt }],
    ...(fails ? [["attempt.threw", { method, attempt }]] : []),
    ["operation.ended", { method, attempt, ...end }],
    ["attempt.ended", { method, attempt, how: fails ? "failed" : "completed" }],
    ["operation.deleted", {}],
  ];
}

const postgres = await postgresForTests();
const STORES = {
  "SQLite in memory": async () => "sqlite::memory:",
  "a SQLite file": async () => `sqlite:${join(folder, `${files++}.db`)}`,
  PostgreSQL: () => migratedDatabase(postgres),
} as const;
let files = 0;

describe("the events of one operation's life", () => {
  for (const [store, anAddress] of Object.entries(STORES))
    for (const scheme of ["http:", "grpc:"])
      it(`come in order over ${scheme} from ${store}, and a listener that throws does not disturb the others`, async () => {
        const { teller, told, until, of } = aTeller();
        teller.watch(() => {
          throw new Error("a listener's own bug");
        });
        let runs = 0;
        const pack = packing(() => until("attempt.reported", ++runs));
        const served = await serveToldBy(teller, { methods: [pack], store: await anAddress(), port: 0 });
        after(() => served.stop());
        const client = createClient(served.url.replace("http:", scheme));
        for (const fails of [false, true]) {
          const { name } = await client.start(pack, { fails });
          await client.result(name).catch((error: unknown) => assert.ok(error instanceof OperationError));
          await until("attempt.ended", runs);
          await client.delete(name);
          assert.deepEqual(lifeOf(told, name), wholeLife(fails));
        }
        await served.stop();
        assert.equal(of("waiter.entered").length, of("waiter.released").length);
        assert.ok(of("connection.opened").length > 0);
        const calls = of("call.ended").map(([, fields]) => ("verb" in fields ? fields.verb : ""));
        assert.deepEqual(
          calls.filter((verb) => verb !== "wait" && verb !== "get"),
          ["start", "delete", "start", "delete"],
        );
        await until("connection.closed", of("connection.opened").length);
        assert.equal(of("store.opened").length, 1);
        assert.ok(of("store.batch-ended").length >= 8, "a start, a report, an end and a removal for each");
        assert.equal(of("listener.failed").length, told.length - of("listener.failed").length);
      });
});

const FAILURES = ["call.refused", "call.failed", "call.crashed"] as const;

describe("an error that a caller gets", () => {
  for (const transport of TRANSPORTS)
    it(`is one event over REST and ${transport}`, async () => {
      const { teller, of } = aTeller();
      await using server = await openRestServer(undefined, { tell: teller.tell }, transport);
      await server.call("GET", `/v1/${MISSING}?key=secret`);
      server.store.read = () => Promise.reject(new Error("a bug"));
      await server.call("GET", `/v1/${MISSING}?key=secret`);
      const call = { method: "GET", path: `/v1/${MISSING}` };
      const [refused, crashed, ...others] = of(...FAILURES);
      assert.deepEqual(others, []);
      assert.deepEqual(refused, [
        "call.refused",
        { ...call, code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" },
      ]);
      assert.deepEqual(crashed?.[0], "call.crashed");
      assert.partialDeepStrictEqual(crashed?.[1], { ...call, error: new Error("a bug") });
    });

  it("is one event over gRPC", async () => {
    const { teller, of } = aTeller();
    await using test = await openGrpcTest({ tell: teller.tell });
    await assert.rejects(test.client.get(MISSING));
    test.store.read = () => Promise.reject(new Error("a bug"));
    await assert.rejects(test.client.get(MISSING));
    const call = { method: "gRPC", path: "/google.longrunning.Operations/GetOperation" };
    const [refused, crashed, ...others] = of(...FAILURES);
    assert.deepEqual(others, []);
    assert.deepEqual(refused, [
      "call.refused",
      { ...call, code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" },
    ]);
    assert.deepEqual(crashed?.[0], "call.crashed");
    assert.partialDeepStrictEqual(crashed?.[1], { ...call, error: new Error("a bug") });
  });
});

describe("a lost store", () => {
  it("is one event, however many calls fail because of it", async () => {
    const { teller, of } = aTeller();
    const file = join(folder, "lost.db");
    const pack = packing(() => Promise.resolve());
    const operations = await openToldBy(teller, {
      methods: [pack],
      store: `sqlite:${file}`,
      worker: false,
      // A report would check whether the file exists, and for a tenth of a second nothing else
      // would check again.
      statistics: false,
    });
    after(() => operations.stop());
    renameSync(file, `${file}.gone`);
    const starts = Array.from({ length: 5 }, () => operations.start(pack, { fails: false }));
    assert.ok((await Promise.allSettled(starts)).every(({ status }) => status === "rejected"));
    await operations.lost;
    await assert.rejects(operations.start(pack, { fails: false }));
    const messages = of("store.lost").map(([, fields]) => ("message" in fields ? fields.message : ""));
    assert.equal(messages.length, 1);
    assert.ok(messages[0]?.includes(file), messages[0]);
  });
});
