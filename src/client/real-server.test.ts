import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { z } from "zod";
import { aPort } from "../../test/support/port.ts";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { serve } from "../assembly/serve.ts";
import { startTestServer } from "../testing/test-server.ts";
import { type CallEvent, createClient, OperationError } from "./index.ts";

/** Tests the client with our server, over a real socket. */

function steps() {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const pack = defineMethod({
    name: "pack",
    request: z.object({ directory: z.string() }),
    response: z.object({ path: z.string() }),
    metadata: z.object({ progressPercent: z.number(), currentFile: z.string() }),
    async run({ directory }, context) {
      for (const [index, gate] of gates.entries()) {
        context.report({ progressPercent: index * 50, currentFile: `${index}.txt` });
        await gate.promise;
      }
      return { path: `${directory}.tar` };
    },
  });
  return { pack, gates };
}

test("start, updates and result, typed by the method", async () => {
  const { pack, gates } = steps();
  await using server = await startTestServer([pack]);
  const client = createClient(server.url);
  const started = await client.start(pack, { directory: "/tmp/ü" }, { parent: "projects/p", requestId: "r" });
  assert.match(started.name, /^projects\/p\/operations\//);
  const files = new Set<string | undefined>();
  for await (const { metadata } of client.updates(started)) {
    files.add(metadata.currentFile);
    if (metadata.currentFile !== undefined) gates[files.has("1.txt") ? 1 : 0].resolve();
  }
  assert.ok(files.has("0.txt") && files.has("1.txt"));
  assert.deepEqual(await client.result(started.name), { path: "/tmp/ü.tar" });
  assert.equal(
    (await client.start(pack, { directory: "/tmp/ü" }, { parent: "projects/p", requestId: "r" })).name,
    started.name,
  );
});

test("updates() gets all changes in one call, over REST and over gRPC", async () => {
  for (const scheme of ["http:", "grpc:"]) {
    const { pack, gates } = steps();
    await using server = await startTestServer([pack]);
    const sent: string[] = [];
    const onCall = ({ name }: CallEvent): void => void sent.push(name);
    const client = createClient(server.url.replace("http:", scheme), { onCall });
    const { name } = await client.start(pack, { directory: "/a" });
    sent.length = 0;
    const files = new Set<unknown>();
    for await (const { metadata } of client.updates<unknown, { currentFile: string }>(name)) {
      files.add(metadata.currentFile);
      if (metadata.currentFile !== undefined) gates[files.has("1.txt") ? 1 : 0].resolve();
    }
    assert.ok(files.has("0.txt") && files.has("1.txt"), scheme);
    assert.deepEqual(sent, ["sent", "answered"], scheme);
    await client.delete(name);
    await assert.rejects(async () => {
      for await (const _ of client.updates(name)) continue;
    }, /was not found/);
    client.close();
  }
});

test("many starts in one call, over REST and over gRPC", async () => {
  const { pack } = steps();
  await using server = await startTestServer([pack]);
  for (const url of [server.url, server.url.replace("http:", "grpc:")]) {
    const client = createClient(url);
    const [first, second, third] = await client.startMany([
      {
        method: pack,
        request: { directory: "/a" },
        parent: "projects/p",
        requestId: url,
        delay: "1h",
        priority: 7,
      },
      { method: "pack", request: {}, requestId: `${url}2` },
      { method: "missing", request: undefined, validateOnly: true },
    ]);
    assert.match(first?.operation?.name ?? "", /^projects\/p\/operations\//);
    assert.equal(first?.operation?.metadata.priority, 7);
    assert.deepEqual([second?.error?.code, second?.error?.reason], ["INVALID_ARGUMENT", "REQUEST_INVALID"]);
    assert.equal(third?.error?.reason, "METHOD_NOT_FOUND");
    await assert.rejects(client.startMany([]), { code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID" });
    client.close();
  }
});

test("list, cancel, delete and their errors", async () => {
  const hold = defineMethod({
    name: "hold",
    request: z.object({}),
    run: (_request, { signal }) =>
      new Promise<void>((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      ),
  });
  await using server = await startTestServer([hold]);
  const client = createClient(server.url);
  const names: string[] = [];
  for (let count = 0; count < 5; count++) names.push((await client.start(hold, {})).name);
  const listed: string[] = [];
  for await (const { name } of client.list({ pageSize: 2 })) listed.push(name);
  assert.deepEqual(listed, names.toReversed());
  const [first = ""] = names;
  await client.cancel(first);
  await client.cancel(first);
  const caught = await client.result(first).catch((error: unknown) => error);
  assert.ok(caught instanceof OperationError);
  assert.deepEqual([caught.code, caught.reason], ["CANCELLED", "OPERATION_CANCELLED"]);
  await client.delete(first);
  await assert.rejects(client.get(first), { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" });
  await assert.rejects(client.start("nope", {}), { code: "NOT_FOUND", reason: "METHOD_NOT_FOUND" });
  await assert.rejects(
    client.listPage({ filter: "((" }),
    (error: StatusError) => error.code === "INVALID_ARGUMENT",
  );
  for (const name of names.slice(1)) await client.cancel(name);
});

test("a signal ends the waiting and leaves the operation alone", async () => {
  const { pack, gates } = steps();
  await using server = await startTestServer([pack]);
  const client = createClient(server.url);
  const started = await client.start(pack, { directory: "/tmp" });
  const controller = new AbortController();
  const waiting = client.result(started, { signal: controller.signal });
  controller.abort(new Error("enough"));
  await assert.rejects(waiting, { message: "enough" });
  gates.forEach((gate) => gate.resolve());
  assert.deepEqual(await client.result(started), { path: "/tmp.tar" });
});

for (const scheme of ["http", "grpc"])
  test(`a client survives a restart of the server, over ${scheme}:`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-restart-"));
    t.after(() => rmSync(folder, { recursive: true }));
    const { pack, gates } = steps();
    const options = {
      methods: [pack],
      store: `sqlite:${join(folder, "operations.db")}`,
      drain: "0s",
    } as const;
    const port = await aPort();
    const first = await serve({ ...options, port });
    const client = createClient(first.url.replace("http:", `${scheme}:`));
    const started = await client.start(pack, { directory: "/tmp" });
    const result = client.result(started);
    await client.get(started);
    await first.stop();
    await assert.rejects(createClient(first.url, { retry: { attempts: 1 } }).get(started), {
      code: "UNAVAILABLE",
    });
    const second = await serve({ ...options, port });
    gates.forEach((gate) => gate.resolve());
    assert.deepEqual(await result, { path: "/tmp.tar" });
    client.close();
    await second.stop();
  });

test("watch() yields operations as they appear, change and disappear, over REST and over gRPC", async () => {
  for (const scheme of ["http:", "grpc:"]) {
    const { pack, gates } = steps();
    await using server = await startTestServer([pack]);
    const client = createClient(server.url.replace("http:", scheme));
    const parent = "projects/p";
    await client.start(pack, { directory: "/elsewhere" });
    const { name } = await client.start(pack, { directory: "/a" }, { parent });
    const seen: string[] = [];
    for await (const event of client.watch({ parent, filter: "done = false" })) {
      if (event.kind === "operation") seen.push(event.operation.name);
      if (event.kind === "removed") {
        seen.push(`no ${event.name}`);
        break;
      }
      if (event.kind !== "initialEnd") continue;
      seen.push("all");
      for (const gate of gates) gate.resolve();
    }
    assert.deepEqual([...new Set(seen)], [name, "all", `no ${name}`], scheme);
    client.close();
  }
});
