import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../core/method/method.ts";
import { OperationError } from "./index.ts";
import { failure, json, network, refused, running, struct, succeeded } from "./network.suite.ts";

const page = (names: string[], nextPageToken?: string) =>
  json({ operations: names.map((name) => ({ name })), nextPageToken });

test("list() fetches page after page, even after an empty one", async () => {
  const { client, calls } = network(
    page(["operations/1"], "t 1"),
    json({ nextPageToken: "t2" }),
    page(["operations/2"]),
  );
  const names = [];
  for await (const operation of client.list({ parent: "projects/p", pageSize: 1, filter: "done=true" }))
    names.push(operation.name);
  assert.deepEqual(names, ["operations/1", "operations/2"]);
  assert.deepEqual(calls(), [
    "GET /v1/projects/p/operations?filter=done%3Dtrue&pageSize=1",
    "GET /v1/projects/p/operations?filter=done%3Dtrue&pageSize=1&pageToken=t+1",
    "GET /v1/projects/p/operations?filter=done%3Dtrue&pageSize=1&pageToken=t2",
  ]);
});

test("list() begins at the given page", async () => {
  const { client, calls } = network(page(["operations/2"], "t2"), page(["operations/3"]));
  for await (const operation of client.list({ pageToken: "t1", pageSize: 0, filter: "", orderBy: "" }))
    assert.match(operation.name, /^operations/);
  assert.deepEqual(calls(), ["GET /v1/operations?pageToken=t1", "GET /v1/operations?pageToken=t2"]);
});

test("start() is repeated with a request id and never without", async () => {
  const without = network(refused());
  await assert.rejects(without.client.start("a", {}, { validateOnly: false }), { code: "UNAVAILABLE" });
  const having = network(refused(), running());
  const started = having.client.start("a", {}, { requestId: "r" });
  await having.clock.advance(500);
  assert.equal((await started).name, "operations/x");
});

test("delete() treats NOT_FOUND after a lost answer as success", async () => {
  const { client, clock } = network(refused(), failure("NOT_FOUND", 404));
  const deleted = client.delete("operations/x");
  await clock.advance(500);
  await deleted;
  await assert.rejects(network(failure("NOT_FOUND", 404)).client.delete("operations/x"), {
    code: "NOT_FOUND",
  });
});

test("result() throws the operation's own error, distinguishable from a failed call", async () => {
  const error = {
    code: 1,
    message: "The operation was cancelled.",
    details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "OPERATION_CANCELLED" }],
  };
  const { client } = network(json({ name: "operations/x", done: true, metadata: struct({}), error }));
  const caught = await client.result("operations/x").catch((thrown: unknown) => thrown);
  assert.ok(caught instanceof OperationError);
  assert.equal(caught.code, "CANCELLED");
  assert.equal(caught.reason, "OPERATION_CANCELLED");
  assert.equal(caught.operation.name, "operations/x");
});

test("a method provides its types, as a value and as a type", async () => {
  const createArchive = defineMethod({
    name: "createArchive",
    request: z.object({ directory: z.string() }),
    response: z.object({ path: z.string() }),
    metadata: z.object({ currentFile: z.string() }),
    run: () => ({ path: "" }),
  });
  const { client } = network(running(), succeeded({ path: "/a" }), running());
  const operation = await client.start(createArchive, { directory: "/tmp" });
  const currentFile: string | undefined = operation.metadata.currentFile;
  assert.equal(currentFile, undefined);
  const { path } = await client.result(operation);
  const text: string = path;
  assert.equal(text, "/a");
  // @ts-expect-error: the request does not fit
  await client.start<typeof createArchive>("createArchive", { folder: "/tmp" });
});
