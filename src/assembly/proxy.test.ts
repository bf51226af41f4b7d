import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { systemClock } from "../core/ports/clock.ts";
import { systemRandom } from "../core/ports/random.ts";
import { Teller } from "../core/teller.ts";
import { openProxy, openUpstream } from "../proxy/proxy.suite.ts";
import { FIRST_PAIR } from "../server/listening/certificates.suite.ts";
import { openStore } from "../store/open.ts";
import { settled } from "../testing/manual-clock.ts";
import { serveProxy } from "./proxy.ts";

interface Asked extends RequestInit {
  readonly headers?: Record<string, string>;
}

const ASYNC = { prefer: "respond-async" };

suite("serveProxy()", () => {
  test("checks who may start, read and cancel, and leaves passed-through requests to the upstream", async () => {
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
    // Credentials are not passed on.
    assert.deepEqual([done.status, await done.text()], [200, ""]);
  });

  test("shows an operation to its caller and to operators, whatever path is used", async () => {
    await using upstream = await openUpstream((_request, response) => response.end("private"));
    const operator = "longrunning.admin.read";
    await using proxy = await openProxy(upstream.url, {
      access: {
        authenticate: ({ headers }) => ({ principal: `user:${String(headers["authorization"])}` }),
        authorize: ({ caller, permission }) => permission !== operator || caller.principal === "user:op",
      },
    });
    const ask = (who: string, path: string, { headers = {}, ...init }: Asked = {}): Promise<Response> =>
      fetch(proxy.url + path, { ...init, headers: { authorization: who, ...headers } });
    const started = await ask("ada", "/", { headers: { prefer: "respond-async" } });
    const monitor = started.headers.get("location") ?? "";
    const resource = started.headers.get("operation-location") ?? "";
    assert.match(resource, /^\/\.operations\/v1\/callers\/[0-9a-f]{32}\/operations\/[0-9a-f-]{36}$/);
    assert.equal(await (await ask("ada", monitor, { headers: { prefer: "wait=30" } })).text(), "private");
    const collection = resource.slice(0, resource.lastIndexOf("/"));
    const bobs = (await ask("bob", "/", { headers: { prefer: "respond-async" } })).headers;
    const bobsCollection = (bobs.get("operation-location") ?? "").replace(/[^/]+$/, "");
    const inBobs = bobsCollection + resource.slice(resource.lastIndexOf("/") + 1);
    const paths = [resource, collection, "/.operations/v1/operations", "/.operations/v1/-/operations"];
    for (const path of [...paths, `${resource}:watch`, `${collection}:watch`]) {
      assert.equal((await ask("bob", path)).status, 403, path);
    }
    for (const path of [monitor, inBobs]) assert.equal((await ask("bob", path)).status, 404, path);
    assert.equal((await ask("bob", monitor, { method: "DELETE" })).status, 404);
    assert.equal((await ask("bob", `${resource}:cancel`, { method: "POST" })).status, 403);
    assert.equal((await ask("bob", resource, { method: "DELETE" })).status, 403);
    for (const path of [resource, collection, "/.operations/v1/-/operations"])
      assert.equal((await ask("op", path)).status, 200, path);
    for (const path of [resource, collection]) assert.equal((await ask("ada", path)).status, 200, path);
    const body = JSON.stringify({ method: "GET", target: "/", headers: [], body: "" });
    const byName = { method: "POST", body, headers: { "content-type": "application/json" } };
    assert.equal((await ask("bob", "/.operations/v1:httpRequest", byName)).status, 403);
  });

  test("sends credentials that are encrypted until then, and shows them nowhere", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-proxy-"));
    const file = join(folder, "kept.db");
    const kek = join(folder, "kek");
    writeFileSync(kek, "11".repeat(32), { mode: 0o600 });
    const held: ServerResponse[] = [];
    await using upstream = await openUpstream((_request, response) => void held.push(response));
    const teller = new Teller();
    const told: string[] = [];
    teller.watch((...[event, fields]) => void told.push(JSON.stringify([event, fields])));
    const audit = join(folder, "audit.log");
    const encryption = { keks: [`file:${kek}`], encrypt: false };
    const options = { store: `sqlite:${file}`, audit, encryption, accessLog: true, admin: "full" } as const;
    {
      await using proxy = await openProxy(upstream.url, { ...options, forwardCredentials: true }, teller);
      const secret = { authorization: "Bearer s3cr3t", cookie: "a=s3cr3t", "x-api-key": "s3cr3t" };
      const asked = await fetch(`${proxy.url}/a`, { method: "POST", headers: { ...ASYNC, ...secret } });
      while (held.length === 0) await settled();
      const { authorization, cookie, "x-api-key": key } = upstream.asked[0]?.headers ?? {};
      assert.deepEqual({ authorization, cookie, "x-api-key": key }, secret);
      const resource = asked.headers.get("operation-location") ?? "";
      const get = async (path: string): Promise<string> => {
        const answer = await fetch(proxy.url + path);
        assert.ok(answer.ok, `${path}: ${answer.status}`);
        const body = await answer.text();
        assert.ok(path.endsWith("/metrics") || body.includes(name), path);
        return body;
      };
      const name = resource.slice("/.operations/v1/".length);
      const shown = await Promise.all([
        asked.text(),
        get(resource),
        get(asked.headers.get("location") ?? ""),
        get("/.operations/v1/operations"),
        get("/.operations/metrics"),
        get(`/.operations/admin/v1/${name}`),
        get("/.operations/admin/v1/operations"),
      ]);
      const files = (): string =>
        readdirSync(folder)
          .map((each) => readFileSync(join(folder, each), "latin1"))
          .join();
      const stored = files();
      assert.ok(stored.includes("proxy-credentials"));
      held[0]?.writeHead(200, { "set-cookie": "b=s3cr3t" }).end();
      const done = await proxy.settled(asked.headers.get("location"));
      assert.deepEqual([done.status, done.headers.get("set-cookie")], [200, null]);
      for (const each of [...shown, ...told, stored, files()])
        assert.equal(each.includes("s3cr3t"), false, each);
    }
    const store = await openStore(`sqlite:${file}`, { clock: systemClock, random: systemRandom });
    try {
      assert.deepEqual(await store.resources.list("proxy-credentials", 10), []);
    } finally {
      await store.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("reports passed-through requests like all others, and who started what in which trace", async () => {
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

  test("sends a stored request over TLS and on PostgreSQL, and passes others through", async () => {
    await using postgres = await postgresForTests();
    const held = Promise.withResolvers<ServerResponse>();
    await using upstream = await openUpstream((request, response) => {
      if (request.method === "PUT") held.resolve(response);
      else response.end(String(request.headers["x-forwarded-proto"]));
    });
    const store = await migratedDatabase(postgres);
    await using proxy = await openProxy(upstream.url, { store, tls: FIRST_PAIR });
    assert.match(proxy.url, /^https:/);
    const ask = async (path: string, method: string, headers = {}): Promise<[IncomingMessage, string]> => {
      const asking = https.request(proxy.url + path, { method, headers, ca: FIRST_PAIR.cert }).end();
      const [answer] = (await once(asking, "response")) as [IncomingMessage];
      return [answer, await text(answer)];
    };
    const [, protocol] = await ask("/", "POST");
    assert.equal(protocol, "https");
    const [accepted] = await ask("/reports", "PUT", ASYNC);
    assert.equal(accepted.statusCode, 202);
    const monitor = accepted.headers.location ?? "";
    (await held.promise).writeHead(201).end("made");
    const [done, body] = await ask(monitor, "GET", { prefer: "wait=30" });
    assert.deepEqual([done.statusCode, done.headers["asyncresult"], body], [201, "201", "made"]);
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

  test("refuses nonsensical options before anything is opened", async () => {
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
      [{ forwardCredentials: true }, /^TypeError: forwardCredentials: .*--kek/],
      [{ host: "0.0.0.0" }, /^TypeError: .*--access/s],
    ] as const) {
      await assert.rejects(serveProxy(new Teller(), { ...good, port: 0, ...change }), message);
    }
  });
});
