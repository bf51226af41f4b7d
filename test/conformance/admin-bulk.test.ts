import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../src/index.ts";
import { askAt, type Asked } from "../../src/server/admin/operators-server.suite.ts";
import { startTestServer, type TestServer } from "../../src/testing/test-server.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";

const HOUR_MS = 3_600_000;
/** An operation that never begins during a test, unless it is to be done at once. */
const later = defineMethod({
  name: "later",
  request: z.object({ n: z.int(), requestId: z.string().optional() }),
  response: z.object({ n: z.int() }),
  run: ({ n }) => ({ n }),
});

interface Bulk {
  readonly done: number;
  readonly skipped: number;
  readonly refusedCount: number;
}

class Operator {
  readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  ask(method: string, path: string, body?: object): Promise<Asked> {
    return askAt(`${this.server.url}/admin/v1/${path}`, method, body === undefined ? {} : { body });
  }

  /** Starts operations that wait for an hour. */
  async startMany(count: number, parent: string): Promise<readonly string[]> {
    const items = Array.from({ length: count }, (_, n) => ({
      method: later,
      request: { n },
      parent,
      delay: "1h" as const,
    }));
    const names: string[] = [];
    for (let from = 0; from < count; from += 1_000) {
      const started = await this.server.operations.startMany(items.slice(from, from + 1_000));
      names.push(...started.map(({ operation }) => operation?.name ?? assert.fail("it is started")));
    }
    return names;
  }

  async done(n: number, parent: string): Promise<string> {
    const { name } = await this.server.operations.start(later, { n }, { parent });
    await this.server.operations.wait(name);
    return name;
  }

  /** The count that a dialog requests before it offers a bulk. */
  async count(asked: {
    readonly collection: string;
    readonly filter?: string;
  }): Promise<Record<string, unknown>> {
    const query = new URLSearchParams({ ...asked, method: "later" });
    const { status, json, text } = await this.ask("GET", `operations:count?${query.toString()}`);
    assert.equal(status, 200, text);
    return json;
  }

  async bulk(body: object): Promise<string> {
    const { status, json, text } = await this.ask("POST", "bulk", body);
    assert.equal(status, 200, text);
    return String(json["name"]);
  }

  /** Waits for the end of a bulk. */
  async result(name: string): Promise<Bulk> {
    let ended = await this.server.operations.wait(name, { timeout: "60s" });
    while (!ended.done) ended = await this.server.operations.wait(name, { timeout: "60s" });
    assert.equal(ended.error, null);
    return ended.response as Bulk;
  }

  /** The first report of a bulk's progress: a bulk reports after each handful of operations. */
  async reported(name: string): Promise<Record<string, unknown>> {
    for (;;) {
      const { json } = await this.ask("GET", name);
      const { metadataJson = "{}" } = json as { readonly metadataJson?: string };
      const metadata = JSON.parse(metadataJson) as Record<string, unknown>;
      if (Number(metadata["done"] ?? 0) > 0) return metadata;
      const { state } = json["row"] as { readonly state: string };
      assert.ok(state === "PENDING" || state === "RUNNING", `it has ended: ${state}`);
    }
  }

  async states(names: readonly string[]): Promise<ReadonlySet<string>> {
    const records = await Promise.all(names.map((name) => this.server.operations.get(name)));
    return new Set(records.map(({ state }) => state));
  }
}

const STORES = {
  SQLite: () => Promise.resolve("sqlite::memory:"),
  PostgreSQL: async () => migratedDatabase(await (postgres ??= postgresForTests())),
} as const;

let postgres: ReturnType<typeof postgresForTests> | undefined;
after(async () => (await postgres)?.[Symbol.asyncDispose]());

for (const [kind, address] of Object.entries(STORES)) {
  suite(`a bulk on ${kind}`, () => {
    test("affects exactly the operations that the dialog counted, and none that was started later", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      const before = await operator.startMany(120, "projects/a");
      const elsewhere = await operator.startMany(3, "projects/b");
      const finished = await operator.done(1, "projects/a");
      const asked = { collection: "projects/a", filter: 'metadata.createTime > "2020-01-01T00:00:00Z"' };
      const counted = await operator.count(asked);
      assert.deepEqual([counted["count"], counted["done"], counted["complete"]], [121, 1, true]);
      assert.equal((counted["examples"] as readonly unknown[]).length, 5);
      const newer = await operator.startMany(5, "projects/a");
      const body = { action: "cancel", ...asked, notAfter: counted["notAfter"], expected: counted["count"] };
      const checked = await operator.ask("POST", "bulk", { ...body, validateOnly: true });
      assert.deepEqual([checked.status, checked.json["name"]], [200, undefined]);
      assert.deepEqual(await operator.states(before), new Set(["PENDING"]));
      const [first, second] = await Promise.all([
        operator.bulk({ ...body, requestId: "once" }),
        operator.bulk({ ...body, requestId: "once" }),
      ]);
      assert.equal(first, second, "a double click starts once");
      const { done, skipped, refusedCount } = await operator.result(first);
      assert.deepEqual([done, skipped, refusedCount], [120, 1, 0]);
      assert.deepEqual(await operator.states(before), new Set(["CANCELLED"]));
      assert.deepEqual(await operator.states([...newer, ...elsewhere]), new Set(["PENDING"]));
      assert.deepEqual(await operator.states([finished]), new Set(["SUCCEEDED"]));
    });

    test("ends at once if the method's name cannot be stored", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      const bulk = await operator.bulk({
        action: "cancel",
        method: "a\0b",
        notAfter: new Date().toISOString(),
      });
      const { done, skipped, refusedCount } = await operator.result(bulk);
      assert.deepEqual([done, skipped, refusedCount], [0, 0, 0]);
    });

    test("continues by itself, reports its progress, and stops midway when it is cancelled", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      const names = await operator.startMany(2_000, "projects/a");
      const { notAfter } = await operator.count({ collection: "projects/a" });
      const body = { action: "delete", collection: "projects/a", method: "later", notAfter };
      const bulk = await operator.bulk(body);
      const refused = await operator.ask("POST", "bulk", body);
      assert.deepEqual([refused.status, refused.reason], [400, "BULK_UNDER_WAY"]);
      const metadata = await operator.reported(bulk);
      assert.match(String(metadata["statusMessage"]), /^\d+ done, 0 skipped$/);
      assert.deepEqual((await operator.ask("POST", `${bulk}:cancel`, {})).status, 200);
      let ended = await server.operations.wait(bulk);
      while (!ended.done) ended = await server.operations.wait(bulk);
      assert.equal(ended.state, "CANCELLED");
      const left = await operator.count({ collection: "projects/a" });
      assert.ok(Number(left["count"]) > 0 && Number(left["count"]) < names.length, String(left["count"]));
      await operator.result(await operator.bulk({ ...body, filter: "metadata.state = RUNNING" }));
    });

    test("starts each failed or succeeded operation again, once, with its request", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      const old = await operator.done(7, "projects/a");
      await operator.startMany(1, "projects/a");
      const { notAfter } = await operator.count({ collection: "projects/a" });
      const bulk = await operator.bulk({ action: "startAgain", collection: "projects/a", notAfter });
      const { done, skipped } = await operator.result(bulk);
      assert.deepEqual([done, skipped], [1, 1]);
      const { json } = await operator.ask("GET", "operations?collection=projects/a&filter=done%20%3D%20true");
      const names = (json["operations"] as readonly { readonly name: string }[]).map(({ name }) => name);
      const again = names.find((name) => name !== old) ?? (await operator.ask("GET", "operations")).text;
      const record = await operator.ask("GET", again);
      assert.deepEqual([record.json["againOf"], record.json["requestJson"]], [old, '{"n":7}']);
    });

    test("is not listed among callers' operations, but among those of operators", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      await operator.done(1, "projects/a");
      const { notAfter } = await operator.count({ collection: "-" });
      const bulk = await operator.bulk({ action: "cancel", notAfter });
      await operator.result(bulk);
      const callers = await (await fetch(`${server.url}/v1/-/operations`)).text();
      assert.doesNotMatch(callers, /longrunning\.bulk/);
      assert.match(callers, /"later"/);
      const { text } = await operator.ask("GET", "operations?method=longrunning.bulk");
      assert.match(text, new RegExp(bulk));
      const start = await fetch(`${server.url}/v1:longrunning.bulk`, { method: "POST", body: "{}" });
      assert.equal(start.status, 404);
      const methods = (await operator.ask("GET", "methods")).json["methods"] as readonly Record<
        string,
        unknown
      >[];
      assert.deepEqual(
        methods.filter(({ builtIn }) => builtIn === true).map(({ method }) => method),
        ["longrunning.bulk"],
      );
    });

    test("refuses nonsensical requests before anything is started", async () => {
      await using server = await startTestServer([later], { store: await address() });
      const operator = new Operator(server);
      const { notAfter } = await operator.count({ collection: "-" });
      const reason = async (body: object): Promise<string | undefined> =>
        (await operator.ask("POST", "bulk", body)).reason;
      assert.equal(await reason({ action: "explode", notAfter }), "REQUEST_INVALID");
      assert.equal(await reason({ action: "cancel" }), "REQUEST_INVALID");
      const future = new Date(Date.parse(String(notAfter)) + HOUR_MS).toISOString();
      assert.equal(await reason({ action: "cancel", notAfter: future }), "REQUEST_INVALID");
      assert.equal(await reason({ action: "cancel", notAfter, filter: "(" }), "FILTER_INVALID");
      assert.equal(await reason({ action: "cancel", notAfter, collection: "a//b" }), "NAME_INVALID");
      assert.equal(await reason({ action: "cancel", notAfter, expected: -1 }), "REQUEST_INVALID");
      const list = await operator.ask("GET", "operations?method=longrunning.bulk");
      assert.equal(list.json["operations"], undefined);
    });
  });
}

test("a bulk continues after a restart from where it was, and does nothing twice", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-bulk-"));
  const store = `sqlite:${join(folder, "operations.db")}`;
  let bulk = "";
  let total = 0;
  {
    await using server = await startTestServer([later], { store });
    const operator = new Operator(server);
    total = (await operator.startMany(1_000, "projects/a")).length;
    const { notAfter } = await operator.count({ collection: "projects/a" });
    bulk = await operator.bulk({ action: "cancel", collection: "projects/a", notAfter, expected: total });
    assert.ok(Number((await operator.reported(bulk))["done"]) < total);
  }
  {
    await using server = await startTestServer([later], { store });
    const operator = new Operator(server);
    const { done, skipped } = await operator.result(bulk);
    assert.deepEqual([done + skipped, skipped], [total, 0], "what was reported is not gone through again");
    const left = await operator.count({ collection: "projects/a", filter: "done = false" });
    assert.equal(left["count"], undefined);
  }
  rmSync(folder, { recursive: true });
});
