import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { callToHangUp, openRestServer, type RestServer } from "./rest-server.suite.ts";

const START = "/v1/projects/p:createArchive";
const BODY = '{"directory":"/a"}';

/** A start with or without a preference. */
const startWith = (server: RestServer, prefer: string | undefined, query = "") =>
  server.call("POST", `${START}${query}`, {
    body: BODY,
    headers: prefer === undefined ? {} : { prefer },
  });

/** The headers of an answer that a preference affects. */
const preferred = (headers: Headers): (string | null)[] =>
  ["location", "retry-after", "preference-applied", "vary"].map((name) => headers.get(name));

const NONE = [null, null, null, null];

suite("Prefer on a start (RFC 7240)", () => {
  test("respond-async: 202, the same operation, and where and when to ask for it", async () => {
    await using server = await openRestServer();
    const asked = await startWith(server, "respond-async", "?requestId=r");
    const plain = await startWith(server, undefined, "?requestId=r");
    assert.equal(asked.status, 202);
    assert.equal(asked.text, plain.text);
    const location = `${server.url}/v1/${plain.json?.name}`;
    assert.deepEqual(preferred(asked.headers), [location, "1", "respond-async", "Prefer"]);
    assert.deepEqual((await server.call("GET", new URL(location).pathname)).json, plain.json);
    assert.deepEqual([plain.status, ...preferred(plain.headers)], [200, ...NONE]);
  });

  test("other preferences change nothing", async () => {
    await using server = await openRestServer();
    for (const prefer of ["return=minimal", "wait=soon", "respond-async=x", '"', ",,"]) {
      const { status, headers } = await startWith(server, prefer);
      assert.deepEqual([status, ...preferred(headers)], [200, ...NONE], prefer);
    }
  });

  test("wait: the finished operation if it comes in time", async () => {
    await using server = await openRestServer();
    const waiting = startWith(server, "respond-async, wait=10");
    await server.untilWaiting(1);
    const [started] = (await server.call("GET", "/v1/projects/p/operations")).json?.operations ?? [];
    await server.call("POST", `/v1/${started?.name}:cancel`);
    const { status, headers, json } = await waiting;
    assert.equal(json?.done, true);
    assert.deepEqual([status, ...preferred(headers)], [200, null, null, "wait=10", "Prefer"]);
  });

  for (const [prefer, afterMs, applied] of [
    ["wait=10", 10_000, "wait=10"],
    ["respond-async, wait=10", 10_000, "respond-async, wait=10"],
    ["wait=100000", LIMITS.waitMsMax, "wait=60"],
  ] as const) {
    test(`${prefer}: 202 after ${afterMs} ms`, async () => {
      await using server = await openRestServer();
      const waiting = startWith(server, prefer);
      await server.untilWaiting(1);
      await server.clock.advance(afterMs - 1);
      await settled();
      assert.equal(server.engine.operations.waiting, 1);
      await server.clock.advance(1);
      const { status, headers, json } = await waiting;
      assert.equal(status, 202);
      const location = `${server.url}/v1/${json?.name}`;
      const interval = String(json?.metadata?.value["pollInterval"]);
      assert.deepEqual(preferred(headers), [location, interval.replace("s", ""), applied, "Prefer"]);
    });
  }

  test("x-server-timeout bounds the wait as it bounds Wait", async () => {
    await using server = await openRestServer();
    const headers = { prefer: "wait=60", "x-server-timeout": "2" };
    const waiting = server.call("POST", START, { body: BODY, headers });
    await server.untilWaiting(1);
    await server.clock.advance(2_000);
    assert.equal((await waiting).status, 202);
  });

  test("an operation that is already done is returned as done", async () => {
    await using server = await openRestServer();
    const { json } = await startWith(server, undefined, "?requestId=r");
    await server.call("POST", `/v1/${json?.name}:cancel`);
    const { status, headers } = await startWith(server, "respond-async", "?requestId=r");
    assert.deepEqual([status, ...preferred(headers)], [200, null, null, null, "Prefer"]);
  });

  test("a start that only validates does not wait", async () => {
    await using server = await openRestServer();
    const { status, headers } = await startWith(server, "respond-async, wait=5", "?validateOnly=true");
    assert.deepEqual([status, ...preferred(headers)], [200, ...NONE]);
  });

  test("a refused start is refused, and other calls ignore the preference", async () => {
    await using server = await openRestServer();
    const headers = { prefer: "respond-async, wait=5" };
    const refused = await server.call("POST", START, { body: "{}", headers });
    assert.deepEqual([refused.status, ...preferred(refused.headers)], [400, ...NONE]);
    const listed = await server.call("GET", "/v1/operations", { headers });
    assert.deepEqual([listed.status, ...preferred(listed.headers)], [200, ...NONE]);
  });

  test("ends its wait with its connection, and leaves the operation", async () => {
    await using server = await openRestServer();
    const hangUp = callToHangUp(`${server.url}${START}`, { body: BODY, headers: { prefer: "wait=60" } });
    await server.untilWaiting(1);
    hangUp();
    await server.untilWaiting(0);
    assert.equal((await server.call("GET", "/v1/projects/p/operations")).json?.operations?.length, 1);
    assert.deepEqual(server.logged, []);
  });

  test("a caller that may not wait still gets the name", async () => {
    await using server = await openRestServer();
    const wait = server.engine.operations.wait.bind(server.engine.operations);
    // As happens at the limit of waiters, or without the permission.
    server.engine.operations.wait = async (caller, name, options) =>
      wait(caller, name.replace(/[^/]*$/, "0"), options);
    const { status, headers, json } = await startWith(server, "respond-async, wait=5");
    const location = `${server.url}/v1/${json?.name}`;
    assert.deepEqual([status, ...preferred(headers)], [202, location, "1", "respond-async", "Prefer"]);
  });

  test("works in a batch, with a mask, and for bytes", async () => {
    await using server = await openRestServer();
    const part = `POST ${START}?fields=name\r\nPrefer: respond-async\r\nContent-Type: application/json\r\n\r\n${BODY}`;
    const { text } = await server.call("POST", "/batch", {
      body: `--b\r\nContent-Type: application/http\r\n\r\n${part}\r\n--b--`,
      headers: { "content-type": "multipart/mixed; boundary=b" },
    });
    assert.match(text, /HTTP\/1\.1 202 Accepted\r\n/);
    assert.match(text, /preference-applied: respond-async\r\n/i);
    const bytes = await startWith(server, "respond-async", "?alt=proto");
    assert.deepEqual([bytes.status, bytes.headers.get("content-type")], [202, "application/x-protobuf"]);
  });

  test("has the address that callers use", async () => {
    const publicUrl = "https://archive.example.com/api";
    await using server = await openRestServer(undefined, { publicUrl });
    const { headers, json } = await startWith(server, "respond-async");
    assert.equal(headers.get("location"), `${publicUrl}/v1/${json?.name}`);
  });
});
