import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { after, before, suite, test } from "node:test";
import { EventSource } from "eventsource";
import express, { type Express } from "express";
import {
  answerWebSocket,
  openProxy,
  openUpstream,
  type TestProxy,
  type TestUpstream,
} from "./proxy.suite.ts";

/** An application as people write them. It knows nothing of the proxy. */
class Application {
  readonly app: Express = express();
  /** Watchers of `/events`, to be written to. */
  readonly watchers: ServerResponse[] = [];
  /** Requests for `/reports` in the order in which they came, to be answered. */
  readonly reports = new Queue<(rows: number) => void>();

  constructor() {
    const { app } = this;
    app.set("trust proxy", "loopback").set("env", "test");
    app.get("/items/:id", (request, response) => {
      response.cookie("seen", request.params.id).json({ id: request.params.id, query: request.query });
    });
    app.get(
      "/me",
      ({ protocol, hostname, ips }, response) => void response.json({ protocol, hostname, ips }),
    );
    app.get("/events", (_request, response) => {
      response.set("content-type", "text/event-stream").flushHeaders();
      this.watchers.push(response);
    });
    app.post(
      "/uploads",
      (request, response) => void sum(request).then((hash) => response.status(201).send(hash)),
    );
    app.post("/reports", express.json(), (request, response) => {
      this.reports.add(
        (rows) =>
          void response
            .status(201)
            .location("/reports/7")
            .json({ ...request.body, rows }),
      );
    });
    app.get("/broken", () => {
      throw new Error("secret of the application");
    });
  }
}

async function sum(request: IncomingMessage): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of request as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest("hex");
}

/** A queue whose next value can be awaited. */
class Queue<T> {
  readonly #there: T[] = [];
  #came = Promise.withResolvers<void>();

  add(each: T): void {
    this.#there.push(each);
    this.#came.resolve();
  }

  async next(): Promise<T> {
    for (;;) {
      const next = this.#there.shift();
      if (next !== undefined) return next;
      this.#came = Promise.withResolvers();
      await this.#came.promise;
    }
  }
}

/** An answer without headers that depend on its connection or time. */
async function shownOf(answer: Response | undefined): Promise<unknown> {
  const headers = [...(answer?.headers ?? [])].filter(([name]) => name !== "date" && name !== "keep-alive");
  return [answer?.status, headers, await answer?.text()];
}

suite("in front of Express", () => {
  const application = new Application();
  let upstream: TestUpstream;
  let proxy: TestProxy;
  before(async () => {
    upstream = await openUpstream(application.app);
    upstream.server.on("upgrade", answerWebSocket);
    proxy = await openProxy(upstream.url);
  });
  after(async () => {
    await proxy[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  });

  test("JSON, errors and unmodified answers are the application's", async () => {
    for (const [path, init, status] of [
      ["/items/7?a[b]=c&d=%20", {}, 200],
      ["/items/7", { method: "HEAD" }, 200],
      ["/items/7", { method: "OPTIONS" }, 200],
      ["/nowhere", { method: "DELETE" }, 404],
      ["/reports", { method: "POST", headers: { "content-type": "application/json" }, body: "{" }, 400],
    ] as const) {
      const [there, through] = await Promise.all([upstream, proxy].map(({ url }) => fetch(url + path, init)));
      assert.equal(through?.status, status, path);
      assert.deepEqual(await shownOf(through), await shownOf(there), path);
    }
  });

  test("the application sees the original caller and address", async () => {
    const asked = await fetch(`${proxy.url}/me`, { headers: { "x-forwarded-for": "203.0.113.9" } });
    assert.deepEqual(await asked.json(), {
      protocol: "http",
      hostname: "127.0.0.1",
      ips: ["203.0.113.9", "127.0.0.1"],
    });
  });

  test("events arrive one by one, and the application learns that a watcher has left", async () => {
    const events = new EventSource(`${proxy.url}/events`);
    await once(events, "open");
    const watcher = application.watchers.at(-1) ?? assert.fail();
    for (const text of ["one", "two"]) {
      watcher.write(`data: ${text}\n\n`);
      const [{ data }] = (await once(events, "message")) as [MessageEvent];
      assert.equal(data, text);
    }
    const gone = once(watcher, "close");
    events.close();
    await gone;
  });

  test("a WebSocket is opened, used and closed", async () => {
    const socket = new WebSocket(`${proxy.url.replace("http", "ws")}/chat`);
    await once(socket, "open");
    socket.send("hello");
    const [{ data }] = (await once(socket, "message")) as [MessageEvent];
    assert.equal(data, "HELLO");
    const closed = once(socket, "close");
    socket.close(1000);
    const [{ code }] = (await closed) as [CloseEvent];
    assert.equal(code, 1000);
  });

  test("an upload without a length arrives piece by piece", async () => {
    const pieces = Array.from({ length: 40 }, () => randomBytes(100_000));
    const hash = createHash("sha256").update(Buffer.concat(pieces)).digest("hex");
    const body = Readable.toWeb(Readable.from(pieces));
    const asked = await fetch(`${proxy.url}/uploads`, { method: "POST", body, duplex: "half" });
    assert.deepEqual([asked.status, await asked.text()], [201, hash]);
  });

  test("a slow route answers later, with its whole answer", async () => {
    const asked = await fetch(`${proxy.url}/reports`, {
      method: "POST",
      body: JSON.stringify({ year: 2026 }),
      headers: { prefer: "respond-async", "content-type": "application/json" },
    });
    assert.equal(asked.status, 202);
    const answer = await application.reports.next();
    const monitor = asked.headers.get("location");
    assert.equal((await fetch(new URL(monitor ?? "", proxy.url))).status, 202);
    answer(12);
    const done = await proxy.settled(monitor);
    assert.deepEqual([done.status, await done.json()], [201, { year: 2026, rows: 12 }]);
    const shown = ["x-powered-by", "content-type", "asyncresult", "location"].map((name) =>
      done.headers.get(name),
    );
    assert.deepEqual(shown, ["Express", "application/json; charset=utf-8", "201", "/reports/7"]);
  });

  test("a handler that throws is the application's 500, also for a stored request", async () => {
    for (const prefer of ["", "respond-async, wait=30"]) {
      const asked = await fetch(`${proxy.url}/broken`, { headers: { prefer } });
      assert.equal(asked.status, 500);
      assert.match(await asked.text(), /secret of the application/);
      assert.equal(asked.headers.get("asyncresult"), prefer === "" ? null : "500");
    }
  });
});
