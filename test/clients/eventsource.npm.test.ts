import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type ErrorEvent, EventSource } from "eventsource";
import { createClient } from "../../src/client/index.ts";
import { startTestServer, type TestServer } from "../../src/testing/index.ts";
import { migratedDatabase } from "../support/migrated.ts";
import { postgresForTests } from "../support/postgres.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";
import { gate } from "./gate.ts";
import { clientTest } from "./installed-client.ts";
import { NGINX, startNginx } from "./nginx.ts";
import { type Switch, switchTo } from "./switch.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

const CLIENT = { client: "eventsource", version: npmVersion("eventsource"), transport: "REST" };

/** A strict client: npm's `eventsource`, which behaves like browsers. */

const FILE = fileURLToPath(new URL("./gate.ts", import.meta.url));

/** Watches, and awaits the events. */
class Events implements Disposable {
  readonly source: EventSource;
  /** Ids and data of events; `error N` for an answer with that status. */
  readonly told: string[] = [];
  readonly states: (number | undefined)[] = [];
  readonly names: string[] = [];
  #heard = Promise.withResolvers<void>();

  constructor(url: string) {
    this.source = new EventSource(url);
    this.source.addEventListener("operation", ({ data, lastEventId }) => {
      const {
        name,
        done = false,
        metadata,
      } = JSON.parse(String(data)) as {
        readonly name: string;
        readonly done?: boolean;
        readonly metadata: { readonly value: { readonly progressPercent?: number } };
      };
      this.states.push(metadata.value.progressPercent);
      this.names.push(name);
      this.#hear(`${lastEventId}${done ? " done" : ""}`.trim());
    });
    this.source.addEventListener("initial-end", () => this.#hear("initial end"));
    this.source.addEventListener("removed", () => this.#hear("removed"));
    this.source.addEventListener("error", ({ code }: ErrorEvent) => this.#hear(`error ${code ?? ""}`.trim()));
  }

  #hear(what: string): void {
    this.told.push(what);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  }

  async until(isThere: (told: readonly string[]) => boolean): Promise<void> {
    while (!isThere(this.told)) await this.#heard.promise;
  }

  /** The ids of events, in their order. */
  get ids(): readonly string[] {
    return this.told.filter((each) => /^\d|done$/.test(each));
  }

  [Symbol.dispose](): void {
    this.source.close();
  }
}

/** The address that handlers ask whether they may continue. */
class Gate implements AsyncDisposable {
  readonly #asked: ServerResponse[] = [];
  #heard = Promise.withResolvers<void>();
  readonly #server = createServer((_, response) => {
    this.#asked.push(response);
    this.#heard.resolve();
    this.#heard = Promise.withResolvers();
  });

  async open(): Promise<string> {
    await once(this.#server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets a handler continue that asks now or later. */
  async pass(): Promise<void> {
    while (this.#asked.length === 0) await this.#heard.promise;
    this.#asked.shift()?.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await once(this.#server.close(), "close");
  }
}

const isClosed = (told: readonly string[]): boolean => told.at(-1) === "error 204";

let postgres: Awaited<ReturnType<typeof postgresForTests>>;
before(async () => {
  postgres = await postgresForTests();
});
after(() => postgres[Symbol.asyncDispose]());

describe("EventSource", { timeout: 60_000 }, () => {
  let server: TestServer;
  let address: Switch;
  before(async () => {
    server = await startTestServer([gate]);
    address = await switchTo(server.url);
  });
  after(async () => {
    await address[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });

  it("gets the events, resumes from the last id after a cut, and stops by itself at the end", async () => {
    await using handlers = new Gate();
    const client = createClient(server.url);
    const { name } = await client.start(gate, { url: await handlers.open(), steps: 2 });
    using events = new Events(`${address.url}/v1/${name}:watch`);
    await events.until(() => events.states.includes(1));
    const toldBefore = events.ids.length;
    address.cut();
    await events.until((told) => told.includes("error"));
    await handlers.pass();
    await events.until(() => events.states.includes(2));
    assert.equal(new Set(events.ids).size, events.ids.length, "no revision is told twice");
    assert.ok(events.ids.length > toldBefore);
    await handlers.pass();
    await events.until(isClosed);
    assert.equal(events.source.readyState, events.source.CLOSED);
    assert.match(events.ids.at(-1) ?? "", / done$/);
    tell({ ...CLIENT, calls: ["watch"], progress: "an event for each change" });
  });

  it("stops if the operation does not exist, and gets an event for a removal", async () => {
    const client = createClient(server.url);
    const { name } = await client.start(gate, { url: "http://127.0.0.1:9", steps: 1 }, { delay: "1h" });
    using events = new Events(`${server.url}/v1/${name}:watch`);
    await events.until((told) => told.length > 0);
    await client.delete(name);
    await events.until((told) => told.at(-1) === "error 404");
    assert.deepEqual(events.told, ["1", "removed", "error", "error 404"]);
  });

  clientTest(NGINX, "goes through nginx", async (_, command) => {
    await using handlers = new Gate();
    await using nginx = await startNginx(command, `location / { proxy_pass ${address.url}; }`);
    const client = createClient(server.url);
    const { name } = await client.start(gate, { url: await handlers.open(), steps: 2 });
    using events = new Events(`${nginx.url}/v1/${name}:watch`);
    await events.until(() => events.states.includes(1));
    await handlers.pass();
    await events.until(() => events.states.includes(2));
    await handlers.pass();
    await events.until(isClosed);
  });
});

describe("EventSource and a server that is killed (-9) between two events", {
  timeout: 60_000,
}, () => {
  it("gets the events from the next server on the same file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-watch-"));
    try {
      const start = () =>
        startServerProcess({ file: FILE, store: `sqlite:${join(folder, "operations.db")}` });
      await survives(await start(), start);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("gets the events from another process on the same PostgreSQL", async () => {
    const store = await migratedDatabase(postgres);
    const start = () => startServerProcess({ file: FILE, store, flags: ["--role", "api"] });
    const [first, second] = await Promise.all([start(), start()]);
    await survives(first, () => Promise.resolve(second));
  });

  it("gets the reports of a worker in another process, and the end", async () => {
    const store = await migratedDatabase(postgres);
    await using handlers = new Gate();
    await using api = await startServerProcess({ file: FILE, store, flags: ["--role", "api"] });
    await using _ = await startServerProcess({ file: FILE, store, flags: ["--role", "worker"] });
    const client = createClient(api.url);
    const { name } = await client.start(gate, { url: await handlers.open(), steps: 2 });
    using events = new Events(`${api.url}/v1/${name}:watch`);
    await events.until(() => events.states.includes(1));
    await handlers.pass();
    await events.until(() => events.states.includes(2));
    await handlers.pass();
    await events.until(isClosed);
  });
});

describe("EventSource on a collection in PostgreSQL", { timeout: 60_000 }, () => {
  it("gets operations that another process starts, ends and removes", async () => {
    const store = await migratedDatabase(postgres);
    const start = () => startServerProcess({ file: FILE, store, flags: ["--role", "api"] });
    await using watched = await start();
    await using other = await start();
    const client = createClient(other.url);
    const request = { url: "http://127.0.0.1:9", steps: 1 };
    const begin = (parent: string) => client.start(gate, request, { delay: "1h", parent });
    const old = await begin("projects/p");
    const filter = encodeURIComponent("metadata.state != SUCCEEDED");
    using events = new Events(`${watched.url}/v1/projects/p/operations:watch?filter=${filter}`);
    await events.until((told) => told.includes("initial end"));
    await begin("projects/q");
    const { name } = await begin("projects/p");
    await events.until(() => events.names.includes(name));
    await client.cancel(old.name);
    await events.until(() => events.ids.includes("done"));
    await client.delete(name);
    await events.until((told) => told.includes("removed"));
    assert.deepEqual(events.names, [old.name, name, old.name]);
  });
});

/** An operation ends while no server runs; a watcher learns of it as soon as one does. */
async function survives(first: ServerProcess, next: () => Promise<ServerProcess>): Promise<void> {
  await using address = await switchTo(first.url);
  const client = createClient(address.url);
  const request = { url: "http://127.0.0.1:9", steps: 1 };
  const { name } = await client.start(gate, request, { delay: "1h" });
  using events = new Events(`${address.url}/v1/${name}:watch`);
  await events.until((told) => told.includes("1"));
  await first.end("SIGKILL");
  await events.until((told) => told.includes("error"));
  await using second = await next();
  address.to(second.url);
  await createClient(second.url).cancel(name);
  await events.until(isClosed);
  assert.deepEqual(events.ids, ["1", "2 done"]);
}
