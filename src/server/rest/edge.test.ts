import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { connect } from "node:net";
import { suite, test } from "node:test";
import { z } from "zod";
import { StatusError } from "../../core/error/error.ts";
import { defineMethod, type Method } from "../../core/method/method.ts";
import { openRestServer } from "./rest-server.suite.ts";

/**
 * Sends requests over one connection, all at once, and returns everything received until it is
 * closed.
 */
async function spoken(port: number, requests: readonly string[]): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = connect(port, "127.0.0.1");
  let text = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("close", () => resolve(text));
  socket.on("error", reject);
  socket.write(requests.join(""));
  return promise;
}

suite("restEdge()", () => {
  test("indents unless told otherwise, and always for errors (contract 3.2)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    assert.match((await server.call("GET", path)).text, /^\{\n {2}"name": /);
    assert.match((await server.call("GET", `${path}?prettyPrint=false`)).text, /^\{"name":"[^\n]*\}$/);
    const { text } = await server.call("GET", "/v1/operations/x?$prettyPrint=0");
    assert.match(text, /^\{\n {2}"error": \{\n {4}"code": 404,/);
  });

  test("writes errors in the requested format (contract 4.1, 4.2)", async () => {
    await using server = await openRestServer();
    const errorsOf = async (query: string): Promise<unknown> =>
      (await server.call("GET", `/v1/operations/x${query}`)).json?.error?.errors;
    assert.equal(await errorsOf(""), undefined);
    assert.equal(await errorsOf("?$.xgafv=2"), undefined);
    assert.ok(Array.isArray(await errorsOf("?$.xgafv=1")));
    assert.ok(Array.isArray(await errorsOf("?$.xgafv=2&%24.xgafv=1")));
  });

  test("checks $.xgafv before anything else, even the path (contract 3.2)", async () => {
    await using server = await openRestServer();
    const { status, json } = await server.call("GET", "/nowhere?$.xgafv=NOPE&alt=xml");
    assert.equal(status, 400);
    assert.equal(
      json?.error?.message,
      "Invalid query parameters. Invalid value 'NOPE' for system query parameter : $.xgafv",
    );
  });

  test("refuses unknown parameters of every call (contract 3.1)", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    for (const [method, address] of [
      ["GET", path],
      ["GET", "/v1/operations"],
      ["DELETE", path],
      ["POST", `${path}:cancel`],
      ["POST", `${path}:wait`],
      ["POST", "/v1:createArchive"],
      ["GET", "/discovery/v1/apis"],
      ["GET", "/$discovery/rest"],
    ] as const) {
      const { status, json } = await server.call(method, `${address}?unknown=1`);
      assert.equal(status, 400, address);
      assert.match(json?.error?.message ?? "", /^Invalid JSON payload received\. Unknown name "unknown"/);
    }
    assert.equal((await server.call("GET", path)).status, 200, "and did nothing");
  });

  test("answers in JSON for unknown addresses (contract 3.2)", async () => {
    await using server = await openRestServer();
    const { status, json } = await server.call("GET", "/");
    assert.equal(status, 404);
    assert.equal(json?.error?.details[0]?.reason, "PATH_NOT_FOUND");
  });

  test("lists what is allowed for OPTIONS and 405", async () => {
    await using server = await openRestServer();
    const options = await server.call("OPTIONS", "/v1/operations");
    assert.equal(options.status, 204);
    assert.equal(options.headers.get("allow"), "GET, HEAD, OPTIONS");
    const put = await server.call("PUT", "/v1/operations/x");
    assert.equal(put.status, 405);
    assert.equal(put.headers.get("allow"), "GET, HEAD, DELETE");
    assert.equal(put.json?.error?.code, 405);
  });

  test("answers HEAD as GET, without the body", async () => {
    await using server = await openRestServer();
    const { status, text, headers } = await server.call("HEAD", `/v1/${await server.start()}`);
    assert.equal(status, 200);
    assert.equal(text, "");
    assert.ok(Number(headers.get("content-length")) > 100);
  });

  test("answers pipelined requests in order, and ignores bodies of GET (contract 3.5)", async () => {
    await using server = await openRestServer();
    const text = await spoken(server.port, [
      "GET /v1/operations HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 3\r\n\r\nabc",
      "GET http://a/v1/operations/x?alt=json HTTP/1.1\r\nhost: a\r\n\r\n",
      "DELETE /v1/operations/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1\r\n\r\n{",
    ]);
    assert.deepEqual(
      [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => status),
      ["200", "404", "404"],
    );
  });

  test("refuses an invalid address", () => {
    const opened = openRestServer([], { publicUrl: "archive.example.com" });
    return assert.rejects(opened, /^TypeError: publicUrl: expected an address/);
  });
});

function failing(error: unknown): Method {
  return defineMethod({
    name: "fail",
    request: z.object({}),
    target: () => {
      throw error;
    },
    run() {},
  });
}

suite("restEdge() hides internal details", () => {
  test("from callers: an exception is INTERNAL with an id, and the log has the details", async () => {
    await using server = await openRestServer([failing(new Error("password: hunter2"))]);
    const { status, text, json } = await server.call("POST", "/v1:fail?key=secret", { body: "{}" });
    assert.equal(status, 500);
    assert.ok(!text.includes("hunter2"));
    const requestId = json?.error?.details[0]?.metadata?.["requestId"];
    const { fields = {} } = server.logged[0] ?? {};
    assert.match(requestId ?? "", /^[0-9a-f]{16}$/);
    assert.equal(fields["requestId"], requestId);
    assert.equal((fields["error"] as Error).message, "password: hunter2");
    assert.ok(!JSON.stringify(fields).includes("secret"), "credentials of the query stay out of the log");
  });

  test("from callers: the cause of UNAVAILABLE goes to the log only", async () => {
    const cause = new Error("disk on fire");
    await using server = await openRestServer([failing(new StatusError("UNAVAILABLE", "Later.", { cause }))]);
    const { status, text, headers } = await server.call("POST", "/v1:fail", { body: "{}" });
    assert.equal(status, 503);
    assert.equal(headers.get("retry-after"), "1");
    assert.ok(!text.includes("disk"));
    assert.equal(server.logged[0]?.fields?.["error"], "disk on fire");
  });

  test("from the log: errors that are the caller's fault", async () => {
    await using server = await openRestServer();
    await server.call("POST", "/v1:createArchive", { body: "{" });
    assert.deepEqual(server.logged, []);
  });
});

test("restEdge() does not load the protobuf runtime, which a server without RPCs never needs", () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(import.meta.resolve("./edge.ts"))});
    console.log(JSON.stringify(loaded));`;
  const text = execFileSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  const loaded = JSON.parse(text) as readonly string[];
  assert.ok(loaded.some((url) => url.endsWith("/rest/service.ts")));
  assert.deepEqual(
    loaded.filter((url) => /@bufbuild|\/gen\/|\/http-rule\//.test(url)),
    [],
  );
});
