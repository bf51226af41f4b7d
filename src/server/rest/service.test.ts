import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { openRestServer } from "./rest-server.suite.ts";

const START = "/v1:createArchive";
const BODY = '{"directory":"/a"}';
const FORM = "application/x-www-form-urlencoded";

suite("a refused call has no effect:", () => {
  const refused: [query: string, headers: Record<string, string>][] = [
    ["fields=nonsense", {}],
    ["fields=(", {}],
    ["", { "x-goog-fieldmask": "operations/name" }],
    ["alt=media", {}],
    ["$.xgafv=3", {}],
    ["prettyPrint=maybe", {}],
    ["", { "x-server-timeout": "soon" }],
    [`quotaUser=${"u".repeat(41)}`, {}],
    ["", { "content-type": "text/xml" }],
    ["", { "x-http-method-override": "BREW" }],
    ["unknown=1", {}],
  ];
  for (const [query, headers] of refused) {
    test(`?${query} ${JSON.stringify(headers)}`, async () => {
      await using server = await openRestServer();
      const { status, json } = await server.call("POST", `${START}?${query}`, { body: BODY, headers });
      assert.equal(status, "content-type" in headers ? 415 : 400);
      assert.equal(json?.error?.status, "INVALID_ARGUMENT");
      assert.deepEqual((await server.call("GET", "/v1/operations")).json, {});
    });
  }

  test("a deletion with a mask of fields that Empty does not have", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    assert.equal((await server.call("DELETE", `${path}?fields=name`)).status, 400);
    assert.equal((await server.call("GET", path)).status, 200);
  });
});

suite("bodies", () => {
  const taken: [contentType: string | undefined, query: string, body: string | Uint8Array<ArrayBuffer>][] = [
    ["application/json", "", BODY],
    ["application/json; charset=utf-8", "", BODY],
    [undefined, "", new TextEncoder().encode(BODY)],
    ["text/plain", "", BODY],
    [FORM, "", BODY],
    ["text/xml", "?$ct=application/json", BODY],
  ];
  for (const [contentType, query, body] of taken) {
    test(`of ${contentType}${query} are read (contract 3.2, 3.5)`, async () => {
      await using server = await openRestServer();
      const headers: Record<string, string> =
        contentType === undefined ? {} : { "content-type": contentType };
      assert.equal((await server.call("POST", START + query, { body, headers })).status, 200);
    });
  }

  test("that are compressed are read", async () => {
    await using server = await openRestServer();
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    const called = await server.call("POST", START, { body: new Uint8Array(gzipSync(BODY)), headers });
    assert.equal(called.status, 200);
    const other = await server.call("POST", START, { body: BODY, headers: { "content-encoding": "br" } });
    assert.equal(other.status, 415);
  });

  test("without bytes are read whatever their type (contract 3.5)", async () => {
    await using server = await openRestServer();
    const headers = { "content-type": "text/xml" };
    assert.equal((await server.call("POST", `/v1/${await server.start()}:cancel`, { headers })).status, 200);
  });

  test("that are forms are parameters (contract 3.4)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const headers = { "content-type": FORM };
    const waited = await server.call("POST", `${path}:wait?fields=name`, { body: "timeout=0s", headers });
    assert.deepEqual(Object.keys(waited.json ?? {}), ["name"]);
    const wrong = await server.call("POST", `${path}:cancel`, { body: "directory=a", headers });
    assert.match(wrong.json?.error?.message ?? "", /Unknown name "directory"/);
  });
});

suite("the method is overridden (contract 3.4):", () => {
  test("a GET that is too long for an address is sent as a form", async () => {
    await using server = await openRestServer();
    await server.start();
    const headers = { "x-http-method-override": "GET", "content-type": FORM };
    const body = `pageSize=1&key=${"k".repeat(3_000)}&%24.xgafv=2&prettyPrint=false`;
    const { status, json, text } = await server.call("POST", "/v1/operations", { body, headers });
    assert.equal(status, 200);
    assert.equal(json?.operations?.length, 1);
    assert.ok(!text.includes("\n"));
  });

  test("DELETE, in the header or the query; PATCH and PUT are not possible here", async () => {
    await using server = await openRestServer();
    const headers = { "x-http-method-override": "DELETE" };
    assert.equal((await server.call("POST", `/v1/${await server.start()}`, { headers })).status, 200);
    assert.equal((await server.call("POST", `/v1/${await server.start()}?$httpMethod=DELETE`)).status, 200);
    for (const method of ["PATCH", "PUT"]) {
      const overridden = { "x-http-method-override": method };
      assert.equal((await server.call("POST", "/v1/operations/x", { headers: overridden })).status, 405);
    }
  });
});

test("X-Server-Timeout bounds a wait (contract 3.2)", async () => {
  await using server = await openRestServer();
  const path = `/v1/${await server.start()}`;
  const headers = { "x-server-timeout": "2" };
  const waiting = server.call("POST", `${path}:wait?timeout=30s`, { headers });
  await server.untilWaiting(1);
  await server.clock.advance(1_800);
  assert.equal((await waiting).status, 200);
});

suite("JSONP (contract 3.2)", () => {
  test("is off by default, and its refusal says so", async () => {
    await using server = await openRestServer();
    const { status, headers, json } = await server.call("GET", "/v1/operations?callback=f");
    assert.equal(status, 400);
    assert.equal(headers.get("content-type"), "application/json; charset=UTF-8");
    assert.match(json?.error?.message ?? "", /JSONP is off/);
  });

  const scripts: [query: string, start: string][] = [
    ["/v1/operations?callback=f", "// API callback\nf({}\n);"],
    ["/v1/operations?callback=f&prettyPrint=false", "// API callback\nf({});"],
    [
      "/v1/operations/x?callback=a.b[0]&prettyPrint=false",
      '// API callback\na.b[0]({\n  "error": {\n    "code": 404,',
    ],
    ["/nowhere?callback=f", '// API callback\nf({\n  "error": {\n    "code": 404,'],
    ["/v1/operations?callback=f&$.xgafv=9", '// API callback\nf({\n  "error": {\n    "code": 400,'],
    ["/v1/operations?callback=f(x)", '// API callback\nfx({\n  "error": {\n    "code": 400,'],
    ["/v1/operations?callback=f&fields=x", '// API callback\nf({\n  "error": {\n    "code": 400,'],
  ];
  for (const [path, start] of scripts) {
    test(`answers ${path} with a script and 200`, async () => {
      await using server = await openRestServer(undefined, { jsonp: true });
      const { status, headers, text } = await server.call("GET", path);
      assert.equal(status, 200);
      assert.equal(headers.get("content-type"), "text/javascript; charset=UTF-8");
      assert.ok(text.startsWith(start), text);
      assert.ok(text.endsWith(");"));
    });
  }

  test("is supported for GET and JSON only", async () => {
    await using server = await openRestServer(undefined, { jsonp: true });
    const posted = await server.call("POST", `${START}?callback=f`, { body: BODY });
    assert.equal(posted.status, 200);
    assert.ok(posted.text.startsWith("{"));
    const media = await server.call("GET", "/v1/operations?callback=f&alt=media");
    assert.equal(media.status, 400);
    assert.equal(media.json?.error?.code, 400);
  });
});
