import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Teller } from "../core/teller.ts";
import { openProxy, openUpstream } from "../proxy/proxy.suite.ts";
import { settled } from "../testing/manual-clock.ts";
import { serveProxy } from "./proxy.ts";

const ASYNC = { prefer: "respond-async" };

suite("serveProxy()", () => {
  test("asks who may start, read and cancel, and leaves what passes through to the upstream", async () => {
    await using upstream = await openUpstream((request, response) =>
      response.end(request.headers["authorization"]),
    );
    await using proxy = await openProxy(upstream.url, {
      access: {
        authenticate: ({ headers }) => ({ principal: `user:${String(headers["authorization"])}` }),
        authorize: ({ caller }) => caller.principal === "user:ada",
      },
    });
    const ask = (who: string, path = "/", headers = {}): Promise<Response> =>
      fetch(proxy.url + path, { method: "PUT", headers: { authorization: who, ...headers } });
    assert.equal(await (await ask("bob")).text(), "bob");
    assert.equal((await ask("bob", "/", ASYNC)).status, 403);
    const started = await ask("ada", "/", ASYNC);
    assert.equal(started.status, 202);
    const monitor = proxy.url + (started.headers.get("location") ?? "");
    const read = (authorization: string, method = "GET"): Promise<Response> =>
      fetch(monitor, { method, headers: { authorization, prefer: "wait=30" } });
    assert.equal((await read("bob")).status, 403);
    assert.equal((await read("bob", "DELETE")).status, 403);
    const done = await read("ada");
    // Credentials go no further.
    assert.deepEqual([done.status, await done.text()], [200, ""]);
  });

  test("tells of what passes through as of every request, and who started what in which trace", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await using upstream = await openUpstream((request, response) =>
      response.writeHead(207).end(request.headers["traceparent"]),
    );
    const teller = new Teller();
    const told: object[] = [];
    teller.watch((...[, fields]) => void told.push(fields), ["request.answered"]);
    await using proxy = await openProxy(upstream.url, {}, teller);
    await (await fetch(`${proxy.url}/a?secret`)).text();
    const kept = await fetch(`${proxy.url}/b`, {
      headers: { prefer: "respond-async, wait=30", traceparent },
    });
    assert.equal(await kept.text(), traceparent);
    while (told.length < 2) await settled();
    const shown = told.map((each) => {
      const { method, path, status } = each as Record<string, unknown>;
      return [method, path, status];
    });
    assert.deepEqual(shown, [
      ["GET", "/a", 207],
      ["GET", "/b", 207],
    ]);
    const metrics = await (await fetch(`${proxy.url}/.operations/metrics`)).text();
    assert.match(
      metrics,
      /http_server_request_duration_count\{[^}]*http_response_status_code="207"[^}]*\} 2/,
    );
  });

  test("shows the address that callers use", async () => {
    await using upstream = await openUpstream((request, response) =>
      response.end(String(request.headers["x-forwarded-host"])),
    );
    await using proxy = await openProxy(upstream.url, {
      publicUrl: "https://reports.example.com",
      accessControl: false,
    });
    const host = { host: "reports.example.com" };
    assert.equal(await (await fetch(proxy.url, { headers: host })).text(), "reports.example.com");
    const { headers } = await fetch(proxy.url, { headers: { ...host, ...ASYNC } });
    assert.match(
      headers.get("location") ?? "",
      /^https:\/\/reports\.example\.com\/\.operations\/[0-9a-f-]{36}$/,
    );
    assert.match(
      headers.get("operation-location") ?? "",
      /^https:\/\/reports\.example\.com\/\.operations\/v1\/operations\//,
    );
  });

  test("refuses what makes no sense before anything is opened", async () => {
    const good = {
      upstream: "http://127.0.0.1:9",
      async: [],
      waitMs: 0,
      upstreamTimeoutMs: 1,
      asyncTimeoutMs: 1,
      store: "sqlite::memory:",
    };
    for (const [change, message] of [
      [{ upstream: "127.0.0.1:9" }, /^TypeError: upstream: /],
      [{ async: ["POST"] }, /^TypeError: async: /],
      [{ host: "0.0.0.0" }, /^TypeError: .*--access/s],
    ] as const) {
      await assert.rejects(serveProxy(new Teller(), { ...good, port: 0, ...change }), message);
    }
  });
});
