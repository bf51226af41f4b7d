import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { settled } from "../../testing/manual-clock.ts";
import { createClient } from "../index.ts";
import { failure, json, network, running } from "../network.suite.ts";

test("start() posts the request with its parameters", async () => {
  const { client, sent } = network(running());
  const operation = await client.start(
    "createArchive",
    { directory: "/tmp" },
    {
      parent: "projects/p q",
      requestId: "r/1",
      validateOnly: true,
      timeToLive: "1h",
      delay: "2m",
      priority: 7,
    },
  );
  assert.equal(operation.name, "operations/x");
  assert.deepEqual(sent, [
    {
      call: "POST /v1/projects/p%20q:createArchive?requestId=r%2F1&validateOnly=true&timeToLive=3600s&delay=120s&priority=7",
      body: '{"directory":"/tmp"}',
    },
  ]);
});

test("the other calls go where the service binds them", async () => {
  const { client, calls } = network(running(), json({}), json({}), running());
  await client.get("/v1/projects/p/operations/a b");
  await client.cancel("operations/x");
  await client.delete({ name: "operations/x", done: false, metadata: {}, response: null, error: null });
  await client.wait("operations/x", { timeout: "5s" });
  assert.deepEqual(calls(), [
    "GET /v1/projects/p/operations/a%20b",
    "POST /v1/operations/x:cancel",
    "DELETE /v1/operations/x",
    "POST /v1/operations/x:wait?timeout=5s",
  ]);
});

test("an invalid name is refused before anything is sent", async () => {
  const { client, calls } = network();
  await assert.rejects(client.get("nonsense"), { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
  await assert.rejects(client.get("operations/../x"), { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
  assert.deepEqual(calls(), []);
});

test("an error of the service keeps code, message, reason, metadata and details", async () => {
  const { client } = network(failure("ALREADY_EXISTS", 409, "TAKEN"));
  const error = await client.get("operations/x").catch((caught: unknown) => caught);
  assert.ok(error instanceof StatusError);
  assert.equal(error.code, "ALREADY_EXISTS");
  assert.equal(error.message, "No.");
  assert.equal(error.reason, "TAKEN");
  assert.deepEqual(error.metadata, { a: "b" });
  assert.equal(error.details.length, 1);
});

const never = (request: Request) =>
  new Promise<Response>((_, reject) =>
    request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)),
  );

test("an answer that does not come is DEADLINE_EXCEEDED", async () => {
  const { client, clock } = network(never);
  const failed = assert.rejects(client.get("operations/x"), {
    code: "DEADLINE_EXCEEDED",
    reason: "ANSWER_TOO_LATE",
  });
  await clock.advance(10_000);
  await failed;
});

test("an answer without a body is an empty one", async () => {
  const { client } = network(new Response(null, { status: 204 }));
  await client.cancel("operations/x");
});

test("a call leaves no timer behind, whatever its outcome", async () => {
  const { client, clock } = network(running(), failure("NOT_FOUND", 404), json({}), never);
  await client.get("operations/x");
  await assert.rejects(client.get("operations/x"), { code: "NOT_FOUND" });
  await client.cancel("operations/x");
  const controller = new AbortController();
  const given = client.get("operations/x", { signal: controller.signal });
  await settled();
  controller.abort(new Error("enough"));
  await assert.rejects(given, { message: "enough" });
  assert.equal(clock.pending, 0);
});

test("headers may come from a function, fresh for each call", async () => {
  const tokens: string[] = [];
  let count = 0;
  const client = createClient("http://host:1", {
    headers: async () => ({ authorization: `Bearer ${++count}` }),
    fetch: (async (input: string, init: RequestInit) => {
      tokens.push(new Request(input, init).headers.get("authorization") ?? "");
      return json({});
    }) as typeof fetch,
  });
  await client.cancel("operations/x");
  await client.cancel("operations/x");
  assert.deepEqual(tokens, ["Bearer 1", "Bearer 2"]);
});

test("createClient() refuses an invalid address", () => {
  for (const address of ["127.0.0.1:8080", "ftp://host", "http://"]) {
    assert.throws(() => createClient(address), {
      name: "TypeError",
      message: /^Server: expected an address/,
    });
  }
});

test("createClient() refuses credentials in the address, and does not show them", () => {
  for (const address of ["http://a:hidden@host", "https://hidden@host/path", "http://:hidden@host"]) {
    assert.throws(() => createClient(address), {
      name: "TypeError",
      message: /^Server: expected an address without credentials(?!.*hidden).*send credentials in headers$/,
    });
  }
});
