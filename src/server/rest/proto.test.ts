import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { type DescMessage, fromBinary, toJson } from "@bufbuild/protobuf";
import { Validator } from "@seriousme/openapi-schema-validator";
import {
  ListOperationsResponseSchema,
  OperationSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { openRestServer, type RestServer } from "./rest-server.suite.ts";

/** An answer in bytes, decoded as a client does it. */
async function read(
  server: RestServer,
  type: DescMessage,
  [method, path]: readonly [string, string],
): Promise<{ readonly status: number; readonly contentType: string | null; readonly json: unknown }> {
  const response = await fetch(`${server.url}${path}`, { method });
  const message = fromBinary(type, new Uint8Array(await response.arrayBuffer()));
  const json = toJson(type, message, { registry: STANDARD_TYPES });
  return { status: response.status, contentType: response.headers.get("content-type"), json };
}

suite("alt=proto (contract 3.2)", () => {
  test("answers with the bytes of the message that the JSON shows", async () => {
    await using server = await openRestServer();
    const name = await server.start("projects/p");
    for (const alt of ["alt=proto", "$alt=Proto", "alt=proto&prettyPrint=false"]) {
      const found = await read(server, OperationSchema, ["GET", `/v1/${name}?${alt}`]);
      assert.deepEqual([found.status, found.contentType], [200, "application/x-protobuf"]);
      assert.deepEqual(found.json, (await server.call("GET", `/v1/${name}`)).json);
    }
    const list = await read(server, ListOperationsResponseSchema, [
      "GET",
      "/v1/projects/p/operations?alt=proto",
    ]);
    assert.deepEqual(list.json, (await server.call("GET", "/v1/projects/p/operations")).json);
  });

  test("answers with no bytes for an empty message", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const response = await fetch(`${server.url}/v1/${name}:cancel?alt=proto`, { method: "POST" });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/x-protobuf");
    assert.equal((await response.arrayBuffer()).byteLength, 0);
  });

  test("answers errors as google.rpc.Status, with the canonical code", async () => {
    await using server = await openRestServer();
    const { status, contentType, json } = await read(server, StatusSchema, [
      "GET",
      "/v1/operations/none?alt=proto",
    ]);
    assert.deepEqual([status, contentType], [404, "application/x-protobuf"]);
    const asJson = (await server.call("GET", "/v1/operations/none")).json?.error;
    assert.deepEqual(json, { code: 5, message: asJson?.message, details: asJson?.details });
  });

  test("works together with a field mask", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const { json } = await read(server, OperationSchema, ["GET", `/v1/${name}?alt=proto&fields=name`]);
    assert.deepEqual(json, { name });
  });

  test("is refused for documents, whether they are JSON or not", async () => {
    await using server = await openRestServer();
    const { status, json } = await read(server, StatusSchema, ["GET", "/$discovery/rest?alt=proto"]);
    assert.equal(status, 400);
    assert.equal((json as { readonly code: number }).code, 3);
  });

  test("is refused in a batch, which is text", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const body = `--b\r\nContent-Type: application/http\r\n\r\nGET /v1/${name}?alt=proto\r\n\r\n--b--`;
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const { text } = await server.call("POST", "/batch", { body, headers });
    assert.match(text, /HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json/);
    assert.match(text, /cannot answer with protobuf bytes/);
  });
});

suite("GET /openapi.json", () => {
  test("is a valid document for the requested address", async () => {
    await using server = await openRestServer();
    const { status, headers, text } = await server.call("GET", "/openapi.json");
    assert.equal(status, 200);
    assert.equal(headers.get("content-type"), "application/json; charset=UTF-8");
    const { valid } = await new Validator().validate(JSON.parse(text) as Record<string, unknown>);
    assert.ok(valid);
    const document = JSON.parse(text) as { readonly servers: readonly { readonly url: string }[] };
    assert.deepEqual(document.servers, [{ url: server.url.replace(/\/$/, "") }]);
  });

  test("its paths lead to the calls: whole names percent-encoded, parents in the query", async () => {
    await using server = await openRestServer();
    const started = await server.call("POST", "/v1:createArchive?parent=projects/p", {
      body: '{"directory":"d"}',
    });
    const { name = "" } = started.json ?? {};
    assert.match(name, /^projects\/p\/operations\//);
    const got = await server.call("GET", `/v1/operations/${encodeURIComponent(name)}`);
    assert.equal(got.json?.name, name);
    const listed = await server.call("GET", "/v1/operations?name=projects/p");
    assert.deepEqual(
      listed.json?.operations?.map((each) => each.name),
      [name],
    );
  });

  test("accepts the version, if it exists, and no other parameters", async () => {
    await using server = await openRestServer();
    assert.equal((await server.call("GET", "/openapi.json?version=v1")).status, 200);
    assert.equal((await server.call("GET", "/openapi.json?version=v2")).status, 404);
    assert.equal((await server.call("GET", "/openapi.json?api=archive")).status, 400);
    assert.equal((await server.call("POST", "/openapi.json")).status, 405);
  });
});
