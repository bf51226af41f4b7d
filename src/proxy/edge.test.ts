import assert from "node:assert/strict";
import type { RequestListener, ServerResponse } from "node:http";
import { suite, test } from "node:test";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { LIMITS } from "../core/limits.ts";
import { exchange, openProxy, openUpstream } from "./proxy.suite.ts";

const ASYNC = { prefer: "respond-async" };

interface Body {
  readonly name?: string;
  readonly done?: boolean;
  readonly operations?: readonly { readonly name: string }[];
  readonly rootUrl?: string;
  readonly error?: { readonly code: number; readonly details: readonly { readonly reason?: string }[] };
}
const read = async (answer: Response): Promise<Body> => (await answer.json()) as Body;
const reasonOf = async (answer: Response): Promise<string | undefined> =>
  (await read(answer)).error?.details[0]?.reason;

/** Answers with the received request. */
const echo: RequestListener = (request, response) => {
  response.writeHead(201, { "content-type": "text/csv", "x-own": request.headers["x-own"] ?? "" });
  request.pipe(response);
};

suite("a request with Prefer: respond-async", () => {
  test("becomes an operation, whose monitor has the upstream's answer", async () => {
    let answer: ServerResponse | undefined;
    await using upstream = await openUpstream((_request, response) => (answer = response));
    await using proxy = await openProxy(upstream.url);
    const asked = await fetch(`${proxy.url}/reports?y=1`, {
      method: "POST",
      body: "abc",
      headers: { ...ASYNC, authorization: "Bearer x" },
    });
    assert.equal(asked.status, 202);
    const { headers } = asked;
    assert.deepEqual([headers.get("preference-applied"), headers.get("vary")], ["respond-async", "Prefer"]);
    assert.match(headers.get("retry-after") ?? "", /^\d+$/);
    const { name } = await read(asked);
    const location = headers.get("location") ?? "";
    assert.equal(location, `/.operations/${name?.slice("operations/".length)}`);
    const running = await fetch(proxy.url + location);
    assert.equal(running.status, 202);
    assert.equal((await read(running)).name, name);
    while (upstream.asked.length === 0) await settled();
    assert.equal(upstream.asked[0]?.headers.authorization, undefined);
    assert.equal(upstream.asked[0]?.headers["prefer"], undefined);
    answer?.writeHead(418, "Tea", { "x-a": "1" }).end("short and stout");
    const done = await proxy.settled(location);
    assert.deepEqual(
      [done.status, done.statusText, done.headers.get("x-a"), done.headers.get("asyncresult")],
      [418, "Tea", "1", "418"],
    );
    assert.equal(await done.text(), "short and stout");
    const seen = await read(await fetch(proxy.url + (headers.get("operation-location") ?? "")));
    assert.deepEqual([seen.name, seen.done], [name, true]);
    const head = await fetch(proxy.url + location, { method: "HEAD" });
    assert.deepEqual([head.status, head.headers.get("content-length")], [418, "15"]);
  });

  test("is answered at once if its answer comes in time", async () => {
    await using upstream = await openUpstream(echo);
    await using proxy = await openProxy(upstream.url);
    const headers = { prefer: "respond-async, wait=30", "x-own": "7" };
    const asked = await fetch(`${proxy.url}/a`, { method: "PUT", body: "abc", headers });
    assert.deepEqual(
      [asked.status, asked.headers.get("x-own"), asked.headers.get("asyncresult")],
      [201, "7", "201"],
    );
    assert.equal(asked.headers.get("preference-applied"), "wait=30");
    assert.equal(await asked.text(), "abc");
  });

  test("is passed to the upstream with wait alone, and with every other preference", async () => {
    await using upstream = await openUpstream((request, response) => response.end(request.headers["prefer"]));
    await using proxy = await openProxy(upstream.url);
    for (const prefer of ["wait=5", "return=minimal"]) {
      assert.equal(await (await fetch(proxy.url, { headers: { prefer } })).text(), prefer);
    }
  });

  test("has a body that can be stored, or is refused with 413 before anything is started", async () => {
    await using upstream = await openUpstream((request, response) => {
      let size = 0;
      request
        .on("data", (chunk: Buffer) => (size += chunk.length))
        .on("end", () => response.end(String(size)));
    });
    await using proxy = await openProxy(upstream.url);
    const send = (size: number): Promise<Response> =>
      fetch(proxy.url, {
        method: "POST",
        body: Buffer.alloc(size),
        headers: { prefer: "respond-async, wait=30" },
      });
    assert.equal(await (await send(LIMITS.proxyRequestBytesMax)).text(), String(LIMITS.proxyRequestBytesMax));
    const large = await send(LIMITS.proxyRequestBytesMax + 1);
    assert.equal(large.status, 413);
    assert.equal(await reasonOf(large), "BODY_TOO_LARGE");
    assert.equal(upstream.asked.length, 1);
    const asking = `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nPrefer: respond-async\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n`;
    assert.match(await exchange(proxy.port, asking), /^HTTP\/1\.1 413 /);
  });

  test("gets 422 with the Idempotency-Key of another request, and with its own key the same operation", async () => {
    await using upstream = await openUpstream(echo);
    await using proxy = await openProxy(upstream.url);
    const send = (body: string): Promise<Response> =>
      fetch(proxy.url, { method: "POST", body, headers: { ...ASYNC, "idempotency-key": "k" } });
    const first = await send("a");
    const location = first.headers.get("location");
    await proxy.settled(location);
    const again = await send("a");
    assert.deepEqual([again.status, await again.text()], [201, "a"]);
    const other = await send("b");
    assert.equal(other.status, 422);
    assert.equal(await reasonOf(other), "IDEMPOTENCY_KEY_REUSED");
    assert.equal(upstream.asked.length, 1);
  });
});

suite("a request that matches a rule", () => {
  test("becomes an operation without a preference, and waits as the settings say", async () => {
    let answer: ServerResponse | undefined;
    await using upstream = await openUpstream((request, response) => {
      if (request.url === "/reports/slow") answer = response;
      else echo(request, response);
    });
    await using proxy = await openProxy(upstream.url, {
      async: ["POST /reports/**", "POST /once"],
      waitMs: 30_000,
    });
    const quick = await fetch(`${proxy.url}/reports/quick`, { method: "POST", body: "a" });
    assert.deepEqual([quick.status, quick.headers.get("asyncresult"), await quick.text()], [201, "201", "a"]);
    const once = await fetch(`${proxy.url}/once?path=/reports`, { method: "POST" });
    assert.equal(once.headers.get("asyncresult"), "201");
    const slow = await fetch(`${proxy.url}/reports/slow`, { method: "POST", headers: { prefer: "wait=0" } });
    assert.deepEqual([slow.status, slow.headers.get("preference-applied")], [202, "wait=0"]);
    const passed = await fetch(`${proxy.url}/reports/quick`, { method: "PUT", body: "a" });
    assert.deepEqual([passed.status, passed.headers.get("asyncresult")], [201, null]);
    answer?.end();
  });
});

suite("a monitor", () => {
  test("is cancelled by DELETE, and then 409", async () => {
    const gone = Promise.withResolvers<void>();
    await using upstream = await openUpstream(
      (_request, response) => void response.on("close", () => gone.resolve()),
    );
    await using proxy = await openProxy(upstream.url);
    const { headers } = await fetch(proxy.url, { method: "POST", headers: ASYNC });
    while (upstream.asked.length === 0) await settled();
    const location = proxy.url + (headers.get("location") ?? "");
    assert.equal((await fetch(location, { method: "DELETE" })).status, 202);
    const after = await proxy.settled(headers.get("location"));
    assert.equal(after.status, 409);
    assert.equal(await reasonOf(after), "OPERATION_CANCELLED");
    await gone.promise;
  });

  test("is 502 if the upstream was unavailable, and 504 if it was late", async () => {
    await using upstream = await openUpstream(
      (request) => request.url === "/away" && void request.socket.destroy(),
    );
    await using proxy = await openProxy(upstream.url, { asyncTimeoutMs: 1 });
    for (const [path, status, reason] of [
      ["/away", 502, "UPSTREAM_ANSWER_LOST"],
      ["/late", 504, "UPSTREAM_TIMED_OUT"],
    ] as const) {
      await using patient = await openProxy(upstream.url);
      const by = path === "/away" ? patient : proxy;
      const { headers } = await fetch(by.url + path, { method: "POST", headers: ASYNC });
      const done = await by.settled(headers.get("location"));
      assert.equal(done.status, status);
      assert.equal(await reasonOf(done), reason);
    }
  });

  test("has status and headers of an answer that is too large to store", async () => {
    await using upstream = await openUpstream((_request, response) =>
      response.end(Buffer.alloc(LIMITS.proxyAnswerBytesMax + 1)),
    );
    await using proxy = await openProxy(upstream.url);
    const asked = await fetch(proxy.url, { headers: { prefer: "respond-async, wait=30" } });
    assert.deepEqual([asked.status, asked.headers.get("asyncresult")], [502, "200"]);
    assert.equal(await reasonOf(asked), "RESPONSE_TOO_LARGE");
  });

  test("is 404 for unknown operations, and has three methods", async () => {
    await using upstream = await openUpstream(echo);
    await using proxy = await openProxy(upstream.url);
    const none = `${proxy.url}/.operations/019ac000-0000-7000-8000-000000000000`;
    const missing = await fetch(none);
    assert.equal(missing.status, 404);
    const posted = await fetch(none, { method: "POST" });
    assert.deepEqual([posted.status, posted.headers.get("allow")], [405, "GET, HEAD, DELETE"]);
    assert.equal(upstream.asked.length, 0);
  });

  test("is 404 once its operation is deleted, and 410 once its time is over", async () => {
    await using upstream = await openUpstream(echo);
    const clock = new ManualClock();
    await using proxy = await openProxy(upstream.url, { clock });
    const ask = (path: string, method = "GET", body?: string): Promise<Response> =>
      fetch(proxy.url + path, { method, ...(body === undefined ? {} : { body }) });
    const monitors: string[] = [];
    const asked = JSON.stringify({ method: "PUT", target: "/a", headers: [], body: "" });
    for (const _ of "12") {
      const started = await ask("/.operations/v1:httpRequest?timeToLive=60s", "POST", asked);
      const { name = "" } = await read(started);
      monitors.push(`/.operations/${name.slice("operations/".length)}`);
      assert.equal((await proxy.settled(monitors.at(-1) ?? "")).status, 201);
      if (monitors.length === 2) assert.equal((await ask(`/.operations/v1/${name}`, "DELETE")).status, 200);
    }
    const [kept = "", deleted = ""] = monitors;
    assert.equal(await reasonOf(await ask(deleted)), "OPERATION_NOT_FOUND");
    await clock.advance(59_000);
    assert.equal((await ask(kept)).status, 201);
    do await clock.advance(2_000);
    while ((await ask(kept)).status === 201);
    for (const each of monitors) {
      for (const method of ["GET", "DELETE"]) {
        const gone = await ask(each, method);
        assert.equal(gone.status, 410);
        const { error } = await read(gone);
        assert.deepEqual([error?.code, error?.details[0]?.reason], [410, "OPERATION_EXPIRED"]);
      }
    }
  });
});

suite("paths", () => {
  test("below /.operations/ are the proxy's own, all others the upstream's", async () => {
    await using upstream = await openUpstream((request, response) => response.end(request.url));
    await using proxy = await openProxy(upstream.url);
    const text = async (path: string): Promise<string> => (await fetch(proxy.url + path)).text();
    for (const path of [
      "/",
      "/v1/operations",
      "/healthz",
      "/metrics",
      "/admin/",
      "/.operationsx",
      "/a/.operations/",
    ])
      assert.equal(await text(path), path);
    assert.equal(await text("/.operations/healthz"), "ok");
    assert.match(await text("/.operations"), /v1\/operations/);
    assert.match(await text("/.operations/metrics"), /longrunning_/);
    assert.deepEqual(JSON.parse(await text("/.operations/v1/operations")), {});
    const { rootUrl } = JSON.parse(await text("/.operations/$discovery/rest?version=v1")) as Body;
    assert.equal(rootUrl, `${proxy.url}/.operations/`);
  });

  test("a request that is started by name is checked like a request that is passed through", async () => {
    await using upstream = await openUpstream(echo);
    await using proxy = await openProxy(upstream.url);
    const start = (request: object): Promise<Response> =>
      fetch(`${proxy.url}/.operations/v1:httpRequest`, { method: "POST", body: JSON.stringify(request) });
    const good = { method: "PUT", target: "/a", headers: [["x-own", "2"]], body: "YQ==" };
    const { name = "" } = await read(await start(good));
    const done = await proxy.settled(`/.operations/${name.slice("operations/".length)}`);
    assert.deepEqual([done.status, done.headers.get("x-own"), await done.text()], [201, "2", "a"]);
    assert.equal((await start({ ...good, target: "http://other.example/" })).status, 400);
  });
});
