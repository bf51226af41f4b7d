import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { openOperatorsServer, work } from "./operators-server.suite.ts";

describe("the operators' service over REST", () => {
  it("describes the caller and the server", async () => {
    await using server = await openOperatorsServer({ name: "archive" });
    const { status, json } = await server.ask("GET", "v1/session");
    assert.equal(status, 200);
    assert.deepEqual([json["access"], json["service"], json["lookedAtMax"]], [["full"], "archive", 10_000]);
    assert.match(String(json["store"]), /^SQLite 3\./);
  });

  it("shows rows without payloads, and the whole of one operation, byte for byte", async () => {
    await using server = await openOperatorsServer();
    const parent = "projects/p";
    const request = '{"text":"big 9007199254740993 and \\u202e"}';
    const start = { method: "work", parent, requestJson: request };
    const started = await server.ask("POST", "v1/operations:start", { body: start });
    const name = String(started.json["name"]);
    await server.operations.wait(name);
    const list = await server.ask("GET", "v1/operations?collection=projects/p&filter=done%20=%20true");
    const [row] = list.json["operations"] as readonly Record<string, unknown>[];
    assert.deepEqual([row?.["name"], row?.["state"]], [name, "SUCCEEDED"]);
    assert.doesNotMatch(list.text, /9007199254740993/);
    const { json, text } = await server.ask("GET", `v1/${name}`);
    assert.match(String(json["requestJson"]), /9007199254740993/);
    assert.equal(JSON.parse(String(json["operationJson"])).name, name);
    assert.equal(json["requestBytes"], Buffer.byteLength(String(json["requestJson"])));
    assert.equal(json["principal"], "anonymous");
    assert.match(text, /"revision":3/);
  });

  it("shows operators the exception that callers never see", async () => {
    await using server = await openOperatorsServer();
    const { json } = await server.ask("GET", `v1/${await server.done("fail")}`);
    assert.match(String(json["exception"]), /the secret reason/);
    assert.doesNotMatch(JSON.stringify(json["error"]), /secret/);
    assert.equal(json["retried"], "It was tried once, as often as its method allows.");
  });

  it("sends a large payload only on request", async () => {
    await using server = await openOperatorsServer();
    const name = await server.done("x".repeat(300_000));
    const short = await server.ask("GET", `v1/${name}`);
    assert.deepEqual([short.json["requestJson"], short.json["operationJson"]], [undefined, undefined]);
    assert.equal(short.json["responseBytes"], 300_011);
    const asked = await server.ask("GET", `v1/${name}?payload=response`);
    assert.equal(String(asked.json["responseJson"]).length, 300_011);
    assert.equal(asked.json["requestJson"], undefined);
    assert.equal((await server.ask("GET", `v1/${name}?payload=all`)).reason, "PARAMETER_INVALID");
  });

  it("starts, validates a start, cancels and deletes", async () => {
    await using server = await openOperatorsServer();
    const start = (more: object) =>
      server.ask("POST", "v1/operations:start", { body: { method: "work", ...more } });
    const invalid = await start({ requestJson: '{"text":5}', validateOnly: true });
    assert.deepEqual([invalid.status, invalid.reason], [400, "REQUEST_INVALID"]);
    assert.equal((await start({ requestJson: "{", validateOnly: true })).reason, "BODY_INVALID");
    const valid = await start({ requestJson: '{"text":"a"}', validateOnly: true });
    assert.deepEqual([valid.status, valid.json["name"]], [200, undefined]);
    const delayed = { requestJson: '{"text":"a"}', requestId: "once", delay: "3600s", priority: 3 };
    const [first, second] = await Promise.all([start(delayed), start(delayed)]);
    assert.equal(first.json["name"], second.json["name"], "a double click starts once");
    const name = String(first.json["name"]);
    const before = await server.ask("GET", `v1/${name}`);
    assert.equal((before.json["row"] as Record<string, unknown>)["priority"], 3);
    assert.deepEqual((await server.ask("POST", `v1/${name}:cancel`)).json, {});
    const after = await server.ask("GET", `v1/${name}`);
    assert.equal((after.json["row"] as Record<string, unknown>)["state"], "CANCELLED");
    assert.equal((await server.ask("DELETE", `v1/${name}`)).status, 200);
    assert.deepEqual((await server.ask("GET", `v1/${name}`)).reason, "OPERATION_NOT_FOUND");
    assert.deepEqual((await server.operations.list({ parent: "-" })).operations, []);
  });

  it("reports errors in an address, a method and a body", async () => {
    await using server = await openOperatorsServer();
    const name = await server.done("a");
    const cases: readonly (readonly [method: string, path: string, status: number, reason: string])[] = [
      ["GET", "v1/nothing", 404, "PATH_NOT_FOUND"],
      ["GET", "v1/", 404, "PATH_NOT_FOUND"],
      ["POST", "v1/session", 405, "METHOD_NOT_ALLOWED"],
      ["DELETE", "v1/session", 405, "METHOD_NOT_ALLOWED"],
      ["PUT", `v1/${name}`, 405, "METHOD_NOT_ALLOWED"],
      ["GET", "v1/operations/unknown", 404, "OPERATION_NOT_FOUND"],
      ["GET", "v1/operations?pageSize=x", 400, "PARAMETER_INVALID"],
      ["GET", "v1/operations?what=x", 400, "PARAMETER_INVALID"],
      ["GET", "v1/operations?filter=%28", 400, "FILTER_INVALID"],
    ];
    for (const [method, path, status, reason] of cases) {
      const answer = await server.ask(method, path);
      assert.deepEqual([answer.status, answer.reason], [status, reason], `${method} ${path}`);
    }
    const body = "method=work&requestJson={}";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const form = await server.ask("POST", "v1/operations:start", { body, headers });
    assert.deepEqual([form.status, form.reason], [415, "CONTENT_TYPE_UNSUPPORTED"]);
    const unknown = await server.ask("POST", "v1/operations:start", { body: { method: work.name, what: 1 } });
    assert.deepEqual([unknown.status, unknown.reason], [400, "REQUEST_INVALID"]);
    const head = await server.ask("HEAD", "v1/session");
    assert.deepEqual([head.status, head.text], [200, ""]);
  });

  it("has headers that no other page can bypass, on answers and errors", async () => {
    await using server = await openOperatorsServer();
    for (const path of ["v1/session", "v1/nothing", "", "../admin", "no-such-file.js"]) {
      const { headers } = await server.ask("GET", path);
      assert.match(
        String(headers.get("content-security-policy")),
        /default-src 'none'.*frame-ancestors 'none'/,
      );
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin", path);
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("access-control-allow-origin"), null);
    }
    assert.equal((await server.ask("GET", "v1/session")).headers.get("cache-control"), "no-store");
    assert.equal((await server.ask("GET", "v1/nothing")).headers.get("cache-control"), "no-store");
  });
});
