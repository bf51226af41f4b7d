import assert from "node:assert/strict";
import http from "node:http";
import type { Socket } from "node:net";
import { suite, test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { openUpstream } from "../proxy/proxy.suite.ts";
import { workerSending } from "./open-worker-sending.ts";

/** What a worker sends. @param text undefined for a GET */
async function sent(url: string, text?: string, signal = new AbortController().signal) {
  const sending = workerSending(systemClock);
  try {
    const verb = text === undefined ? "GET" : "POST";
    const headers = { "x-team": "archive", "Accept-Encoding": "gzip" };
    return await sending.send({ verb, url: `${url}/a?b`, headers, text, signal });
  } finally {
    sending.close();
  }
}

suite("requests of a worker", () => {
  test("a request and its answer pass whole, with characters cut by packets", async () => {
    await using server = await openUpstream((request, response) => {
      response.writeHead(503, { "content-type": "application/json", "retry-after": "7" });
      request.pipe(response);
    });
    const text = JSON.stringify({ text: "é€😀".repeat(30_000) });
    assert.deepEqual(await sent(server.url, text), {
      ok: false,
      status: 503,
      contentType: "application/json",
      location: undefined,
      retryAfterSeconds: 7,
      text,
    });
    const [asked] = server.asked;
    assert.deepEqual([asked?.method, asked?.url, asked?.headers["x-team"]], ["POST", "/a?b", "archive"]);
    assert.equal(asked?.headers["accept-encoding"], "identity");
    assert.match(asked?.headers["user-agent"] ?? "", /^longrunning\/\d/);
    assert.equal((await sent(server.url)).text, "");
  });

  test("as many connections are kept as claims and outcomes need", async () => {
    const arrived = Promise.withResolvers<void>();
    const sockets = new Set<Socket>();
    let count = 0;
    await using server = await openUpstream((request, response) => {
      sockets.add(request.socket);
      if (++count === 8) arrived.resolve();
      void arrived.promise.then(() => response.end("{}"));
    });
    const sending = workerSending(systemClock);
    const { signal } = new AbortController();
    const send = () => sending.send({ verb: "POST", url: server.url, headers: {}, text: "{}", signal });
    await Promise.all(Array.from({ length: 8 }, send));
    for (let again = 0; again < 8; again++) await send();
    assert.equal(sockets.size, 8);
    sending.close();
  });

  test("an abort ends a request without an answer, and the read of an answer", async () => {
    for (const begins of [false, true]) {
      const controller = new AbortController();
      await using server = await openUpstream((_, response) => {
        if (begins) response.write("{", () => controller.abort());
        else controller.abort();
      });
      await assert.rejects(sent(server.url, "{}", controller.signal), { name: "AbortError" });
    }
  });

  test("an answer that ends early is an error", async () => {
    await using server = await openUpstream((_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("{", () => response.socket?.resetAndDestroy());
    });
    await assert.rejects(sent(server.url, "{}"), { code: "ECONNRESET" });
  });

  test("the proxy of the environment is used if Node uses it", async (t) => {
    await using proxy = await openUpstream((_, response) => response.end("{}"));
    const options = (http.globalAgent as http.Agent & { options: http.AgentOptions }).options;
    const { proxyEnv } = options;
    t.after(() => Object.assign(options, { proxyEnv }));
    Object.assign(options, { proxyEnv: { HTTP_PROXY: proxy.url } });
    await sent("http://lro.example.com", "{}");
    assert.equal(proxy.asked[0]?.url, "http://lro.example.com/a?b");
  });

  test("a redirect is not followed", async () => {
    await using server = await openUpstream((_, response) => {
      response.writeHead(308, { location: "/elsewhere" }).end();
    });
    const { status, location } = await sent(server.url, "{}");
    assert.deepEqual([status, location], [308, "/elsewhere"]);
    assert.equal(server.asked.length, 1);
  });
});
