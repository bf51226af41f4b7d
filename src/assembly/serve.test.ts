import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { get as httpGet, type IncomingMessage } from "node:http";
import { connect } from "node:http2";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { describe, it } from "node:test";
import { Client, credentials } from "@grpc/grpc-js";
import { service } from "grpc-health-check";
import postgres from "postgres";
import { z } from "zod";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { defineMethod } from "../index.ts";
import type { ServeOptions } from "./options.ts";
import { serve } from "./serve.ts";
import { FIRST_PAIR, SECOND_PAIR } from "../server/listening/certificates.suite.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";

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

/** The status of a request for a host, from a server with these options. */
const statusFor = async (options: Partial<ServeOptions>, host: string): Promise<number | undefined> => {
  const served = await serve({ methods: [quick], store: "sqlite::memory:", port: 0, ...options });
  const asked = httpGet(`${served.url}/v1/operations`, { headers: { host }, agent: false });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  answer.resume();
  await served.stop();
  return answer.statusCode;
};

describe("serve()", () => {
  it("answers on loopback for loopback names, for the public name, and for allowed names", async () => {
    const publicUrl = "https://archive.example.com";
    assert.equal(await statusFor({}, "localhost:8080"), 200);
    assert.equal(await statusFor({}, "evil.example"), 403);
    assert.equal(await statusFor({ publicUrl }, "archive.example.com"), 200);
    assert.equal(await statusFor({ allowedHosts: ["*.example"] }, "api.example"), 200);
    assert.equal(await statusFor({ publicUrl, allowedHosts: ["*.example"] }, "archive.example.com"), 200);
    assert.equal(await statusFor({ host: "0.0.0.0", accessControl: false }, "evil.example"), 200);
    assert.equal(
      await statusFor({ host: "0.0.0.0", allowedHosts: [], accessControl: false }, "evil.example"),
      403,
    );
    await assert.rejects(statusFor({ allowedHosts: ["a/b"] }, "a"), /^TypeError: allowedHosts: expected/);
  });

  it("closes the store if it cannot serve", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-serve-"));
    const open = { methods: [sleepy], store: `sqlite:${join(folder, "operations.db")}`, port: 0 };
    await assert.rejects(serve({ ...open, cors: ["nonsense"] }), /^TypeError: cors: expected/);
    await (await serve(open)).stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("serves, and when it stops it answers waiters and releases running attempts", async () => {
    const served = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0, metrics: true });
    const post = (path: string): Promise<Response> => fetch(`${served.url}/v1${path}`, { method: "POST" });
    const { name } = (await (await post(":sleepy")).json()) as { name: string };
    await entered.promise;
    assert.equal(served.operations.running, 1);
    const waiting = post(`/${name}:wait`);
    while (!/^longrunning_waiters(?:\{[^}]*\})? 1$/m.test((await served.operations.metrics?.()) ?? ""))
      await settled();
    await served.stop({ drain: "0s" });
    const latest = (await (await waiting).json()) as { done?: boolean };
    assert.equal(latest.done, undefined);
    await assert.rejects(fetch(served.url));
  });

  it("serves gRPC on the same port, and with TLS at an address with that scheme", async () => {
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
    session.destroy();
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
    const store = await migratedDatabase(database);
    const methods = [quick];
    const api = await serve({ methods, store, port: 0, role: "api" });
    const worker = await serve({ methods, store, role: "worker" });
    assert.equal(worker.url, "");
    assert.deepEqual(await listenersOf(store, 2), [
      "longrunning listener (ends)",
      "longrunning listener (work)",
    ]);
    assert.throws(() => worker.renewTls(FIRST_PAIR), /A worker has no port for calls/);
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

  it("refuses a role on SQLite, which allows one process", async () => {
    for (const role of ["api", "worker"] as const) {
      await assert.rejects(serve({ methods: [sleepy], store: "sqlite::memory:", port: 0, role }), TypeError);
    }
  });

  it("detects problems of the address and the certificate before it creates a store", async () => {
    const directory = mkdtempSync(join(tmpdir(), "longrunning-serve-"));
    const first = await serve({ methods: [sleepy], store: "sqlite::memory:", port: 0 });
    const taken = Number(new URL(first.url).port);
    const path = join(directory, "operations.db");
    const wrong: readonly [Partial<ServeOptions>, RegExp][] = [
      [{ port: taken }, /another program listens there/],
      [{ port: 70_000 }, /port: expected a whole number/],
      [{ port: 0, host: "/run/archive.sock" }, /not on Unix sockets/],
      [{ port: 0, host: "unix:/run/archive.sock" }, /not on Unix sockets/],
      [{ port: 0, host: "192.0.2.1" }, /no such address/],
      [{ port: 0, host: "" }, /host: expected/],
      [{ port: 0, tls: { cert: FIRST_PAIR.cert, key: SECOND_PAIR.key } }, /the key is not that of/],
      [{ port: 0, tls: { cert: "", key: "" } }, /tls\.cert: expected PEM/],
    ];
    for (const [options, message] of wrong) {
      const refused = { name: "TypeError", message };
      const asked = { methods: [sleepy], store: `sqlite:${path}`, accessControl: false, ...options };
      await assert.rejects(serve(asked), refused);
    }
    assert.deepEqual(readdirSync(directory), []);
    await first.stop();
    rmSync(directory, { recursive: true });
  });

  it("keeps serving for the delay when it is stopped, and reports that it is about to stop", async () => {
    const clock = new ManualClock();
    const served = await serve({
      methods: [quick],
      store: "sqlite::memory:",
      port: 0,
      clock,
      drainDelay: "5s",
    });
    const health = new Health(served.url);
    assert.equal(await health.status(), "SERVING");
    const before = await fetch(served.url);
    assert.equal(before.headers.get("connection"), "keep-alive");
    const stopped = served.stop();
    assert.equal(await health.status(), "NOT_SERVING");
    const answer = await fetch(`${served.url}/v1:quick`, { method: "POST" });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("connection"), "close");
    await clock.advance(4_999);
    assert.equal(await health.status(), "NOT_SERVING");
    await clock.advance(1);
    health.close();
    await stopped;
    await assert.rejects(fetch(served.url));
  });

  it("does not wait for the end of the delay when it is stopped again", async () => {
    const served = await serve({ methods: [quick], store: "sqlite::memory:", port: 0, drainDelay: "10m" });
    const stopped = served.stop();
    assert.equal((await fetch(served.url)).headers.get("connection"), "close");
    await served.stop({ drain: "0s" });
    await stopped;
  });
});

/** Asks for the health of a server over gRPC. */
class Health {
  readonly #client: Client;

  constructor(url: string) {
    this.#client = new Client(new URL(url).host, credentials.createInsecure());
  }

  status(): Promise<string> {
    const { path, requestSerialize, responseDeserialize } = service["Check"] ?? assert.fail("no such call");
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#client.makeUnaryRequest(
      path,
      requestSerialize,
      (bytes: Buffer) => responseDeserialize(bytes) as { status: string },
      { service: "" },
      (error, answer) => (error === null ? resolve(answer?.status ?? "") : reject(error)),
    );
    return promise;
  }

  close(): void {
    this.#client.close();
  }
}

/** The names of a database's listening connections, as soon as there are `count`. */
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
