import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { z } from "zod";
import { createClient } from "../client/index.ts";
import { defineMethod } from "../core/method/method.ts";
import { answering } from "../http-target/target-world.suite.ts";
import { httpTarget } from "../http-target/http-target.ts";
import { type Answering, type Arrival, Receiver } from "../outbound/receiver.suite.ts";
import { startTestServer, type TestServer } from "../testing/test-server.ts";

type Json = Readonly<Record<string, unknown>>;

/**
 * A server whose method `resize` runs at a target, which answers 202, and the later actions of the
 * target.
 */
async function openWorld(store = "sqlite::memory:") {
  const target = await Receiver.open();
  const resize = defineMethod({
    name: "resize",
    request: z.object({}),
    response: z.object({ width: z.number() }),
    metadata: z.object({ percent: z.number() }),
    retry: { initialDelay: "1ms", maxDelay: "1ms" },
    run: httpTarget({ url: target.url }),
  });
  let server = await startTestServer([resize], { store });
  target.answer = answering(202, "", { "longrunning-lease": "300s" });
  return {
    get server() {
      return server;
    },
    target,
    restart: async () => {
      await server.stop();
      server = await startTestServer([resize], { store });
    },
    start: async () => (await createClient(server.url).start(resize, {})).name,
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await server.stop();
    },
  };
}

/** Calls the address of the operation like a target, with the headers of its request. */
async function later({ url }: TestServer, { headers }: Arrival, verb: string, body: object) {
  const { "longrunning-operation": name, "longrunning-attempt": attempt } = headers;
  const token = headers["longrunning-attempt-token"];
  const response = await fetch(`${url}/v1/${String(name)}:${verb}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ attempt: Number(attempt), token, ...body }),
  });
  return { status: response.status, body: (await response.json()) as Json };
}

const get = async ({ url }: TestServer, name: string) => createClient(url).get(name);

const reasonOf = ({ error }: Json): unknown =>
  (error as { readonly details: readonly Json[] }).details.find(({ reason }) => reason !== undefined)?.[
    "reason"
  ];

suite("a target that answers later", () => {
  test("renews, reports and completes the attempt with the token that it got", async () => {
    await using world = await openWorld();
    const { server, target } = world;
    const name = await world.start();
    const [arrival = assert.fail()] = await target.until(1);
    const renewed = await later(server, arrival, "renew", { lease: "600s", metadata: { percent: 40 } });
    assert.deepEqual(renewed.body, { held: true, lease: "600s", cancelRequested: false });
    assert.equal(((await get(server, name)).metadata as Json)["percent"], 40);
    const given = String(arrival.headers["longrunning-attempt-token"]);
    const token = { token: `${given.startsWith("A") ? "B" : "A"}${given.slice(1)}` };
    const forged = await later(server, arrival, "complete", { ...token, response: { width: 1 } });
    assert.deepEqual([forged.status, reasonOf(forged.body)], [403, "ATTEMPT_TOKEN_INVALID"]);
    const wrong = await later(server, arrival, "complete", { response: { width: "wide" } });
    assert.deepEqual([wrong.status, reasonOf(wrong.body)], [400, "ATTEMPT_RESPONSE_INVALID"]);
    for (const each of ["first", "repeated"]) {
      const { body } = await later(server, arrival, "complete", { response: { width: 7 } });
      assert.deepEqual(body, { state: "SUCCEEDED" }, each);
    }
    assert.deepEqual((await get(server, name)).response, { width: 7 });
    assert.equal(target.arrivals.length, 1);
  });

  test("completes the attempt at a restarted server on the same file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-later-"));
    try {
      await using world = await openWorld(`sqlite:${join(folder, "operations.db")}`);
      const name = await world.start();
      const [arrival = assert.fail()] = await world.target.until(1);
      const renewed = await later(world.server, arrival, "renew", {
        lease: "600s",
        metadata: { percent: 40 },
      });
      assert.equal(renewed.body["held"], true);
      await world.restart();
      const { metadata } = await get(world.server, name);
      const { state, percent, attempt } = metadata as Json;
      assert.deepEqual([state, percent, attempt], ["RUNNING", 40, 1]);
      const { body } = await later(world.server, arrival, "complete", { response: { width: 7 } });
      assert.deepEqual(body, { state: "SUCCEEDED" });
      assert.deepEqual((await get(world.server, name)).response, { width: 7 });
      assert.equal(world.target.arrivals.length, 1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("fails the attempt, and gets the next one with a new token", async () => {
    await using world = await openWorld();
    const { server, target } = world;
    await world.start();
    const [first = assert.fail()] = await target.until(1);
    const failed = await later(server, first, "fail", { error: { code: 14, message: "The disk is away." } });
    assert.deepEqual(failed.body, { state: "PENDING" });
    const [, second = assert.fail()] = await target.until(2);
    const late = await later(server, first, "complete", { response: { width: 7 } });
    assert.deepEqual([late.status, reasonOf(late.body)], [409, "ATTEMPT_LOST"]);
    const final = { error: { code: 5, message: "No such image." }, final: true };
    assert.deepEqual((await later(server, second, "fail", final)).body, { state: "FAILED" });
  });

  test("may end the attempt before it answers, and before its lease has been extended", async () => {
    await using world = await openWorld();
    const { server, target } = world;
    const ended = Promise.withResolvers<Json>();
    const endFirst = async (...[response, arrival]: Parameters<Answering>): Promise<void> => {
      ended.resolve((await later(server, arrival, "complete", { response: { width: 9 } })).body);
      answering(202)(response, arrival);
    };
    target.answer = (...args) => void endFirst(...args).catch(ended.reject);
    const name = await world.start();
    assert.deepEqual(await ended.promise, { state: "SUCCEEDED" });
    assert.deepEqual((await get(server, name)).response, { width: 9 });
  });
});
