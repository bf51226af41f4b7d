import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { get } from "node:https";
import { json } from "node:stream/consumers";
import { describe, it } from "node:test";
import postgres from "postgres";
import { z } from "zod";
import { postgresForTests } from "../test/support/postgres.ts";
import { defineMethod } from "./index.ts";
import { serve } from "./serve.ts";
import { FIRST_PAIR } from "./server/certificates.suite.ts";

const entered = Promise.withResolvers<void>();
const sleepy = defineMethod({
  name: "sleepy",
  request: z.object({}),
  async run(_request, { signal }) {
    entered.resolve();
    await new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  },
});

const quick = defineMethod({
  name: "quick",
  request: z.object({}),
  response: z.object({ process: z.string() }),
  run: async () => ({ process: "ran" }),
});

interface Wire {
  readonly name: string;
  readonly done?: boolean;
  readonly response?: { readonly value: unknown };
}

describe("serve()", () => {
  it("serves, and on stop answers who waits and gives back what runs", async () => {
    const served = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0 });
    const post = (path: string): Promise<Response> => fetch(`${served.url}/v1${path}`, { method: "POST" });
    const { name } = (await (await post(":sleepy")).json()) as { name: string };
    await entered.promise;
    assert.equal(served.operations.running, 1);
    const waiting = post(`/${name}:wait`);
    // The wait has arrived once a later request on another connection is answered.
    await (await fetch(`${served.url}/v1/${name}`)).arrayBuffer();
    await served.stop({ drain: "0s" });
    const latest = (await (await waiting).json()) as { done?: boolean };
    assert.equal(latest.done, undefined);
    await assert.rejects(fetch(served.url));
  });

  it("serves gRPC on the same port, and with TLS at an address that says so", async () => {
    const served = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0, tls: FIRST_PAIR });
    assert.match(served.url, /^https:/);
    const session = connect(served.url, { ca: FIRST_PAIR.cert });
    const stream = session.request({
      ":method": "POST",
      ":path": "/google.longrunning.Operations/Nothing",
      "content-type": "application/grpc",
    });
    const [headers] = (await once(stream, "response")) as [Record<string, unknown>];
    assert.equal(headers["grpc-status"], "12");
    session.close();
    const [answer] = (await once(
      get(`${served.url}/$discovery/rest`, { ca: FIRST_PAIR.cert }),
      "response",
    )) as [IncomingMessage];
    const { rootUrl } = (await json(answer)) as { rootUrl: string };
    assert.equal(rootUrl, `${served.url}/`);
    assert.throws(() => served.renewTls({ cert: "", key: "" }), TypeError);
    await served.stop();
  });

  it("answers calls in one process and runs handlers in another, on one database", async () => {
    await using database = await postgresForTests();
    const store = await database.createDatabase();
    const methods = [quick];
    const api = await serve({ methods, store, port: 0, role: "api" });
    const worker = await serve({ methods, store, role: "worker" });
    assert.equal(worker.url, "");
    assert.deepEqual(await listenersOf(store, 2), [
      "longrunning listener (ends)",
      "longrunning listener (work)",
    ]);
    assert.throws(() => worker.renewTls(FIRST_PAIR), /A worker listens to nobody/);
    const post = async (path: string): Promise<Wire> =>
      (await (await fetch(`${api.url}/v1${path}`, { method: "POST" })).json()) as Wire;
    const { name } = await post(":quick");
    const { done, response } = await post(`/${name}:wait?timeout=30s`);
    assert.deepEqual([done, response?.value], [true, { process: "ran" }]);
    await worker.stop();
    const { name: left } = await post(":quick");
    assert.equal(api.operations.running, 0);
    assert.equal((await post(`/${left}:wait?timeout=0s`)).done, undefined, "an api process runs no handlers");
    await api.stop();
  });

  it("refuses a role on SQLite, where there is one process", async () => {
    for (const role of ["api", "worker"] as const) {
      await assert.rejects(serve({ methods: [sleepy], store: "sqlite::memory:", port: 0, role }), TypeError);
    }
  });

  it("says what to do when the port is taken, and closes what it had opened", async () => {
    const first = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0 });
    const port = Number(new URL(first.url).port);
    await assert.rejects(serve({ methods: [sleepy], store: "sqlite::memory:", port }), /port/i);
    await first.stop();
  });
});

/** What the connections of a database that listen are called, as soon as there are so many. */
async function listenersOf(store: string, count: number): Promise<readonly string[]> {
  const sql = postgres(store, { max: 1 });
  try {
    for (;;) {
      const rows = await sql<{ name: string }[]>`
        select application_name as name from pg_stat_activity
        where datname = current_database() and application_name like 'longrunning listener%'
        order by 1`;
      if (rows.length >= count) return rows.map(({ name }) => name);
    }
  } finally {
    await sql.end();
  }
}
