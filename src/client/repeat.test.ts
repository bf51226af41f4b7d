import assert from "node:assert/strict";
import { test } from "node:test";
import { CODES } from "../core/error/code.ts";
import type { StatusError } from "../core/error/error.ts";
import { failure, json, network, refused, running } from "./network.suite.ts";

test("a refused connection is UNAVAILABLE after five attempts, with a sentence that says what to check", async () => {
  const { client, clock, calls } = network(refused(), refused(), refused(), refused(), refused());
  const failed = assert.rejects(client.get("operations/x"), (error: StatusError) => {
    assert.equal(error.code, "UNAVAILABLE");
    assert.equal(error.reason, "SERVER_UNREACHABLE");
    assert.match(error.message, /nothing listens there\. Check that the server runs/);
    return true;
  });
  await clock.advance(60_000);
  await failed;
  assert.equal(calls().length, 5);
});

test("only UNAVAILABLE is repeated, and no sooner than the server asks", async () => {
  const { client, clock, calls } = network(
    json({}, 503, { "retry-after": "7" }),
    failure("RESOURCE_EXHAUSTED", 429),
  );
  const failed = assert.rejects(client.get("operations/x"), { code: "RESOURCE_EXHAUSTED" });
  await clock.advance(6_999);
  assert.equal(calls().length, 1);
  await clock.advance(1);
  await failed;
  assert.equal(calls().length, 2);
});

test("a server that asks for more than a minute of patience gets a minute", async () => {
  const { client, clock, calls } = network(json({}, 503, { "retry-after": "3600" }), running());
  const got = client.get("operations/x");
  await clock.advance(59_999);
  assert.equal(calls().length, 1);
  await clock.advance(1);
  assert.equal((await got).name, "operations/x");
});

test("no other code is repeated (AIP-194)", async () => {
  for (const code of Object.keys(CODES)) {
    if (code === "OK" || code === "UNAVAILABLE") continue;
    const { client, calls } = network(failure(code, 400), running());
    await assert.rejects(client.get("operations/x"), { code });
    assert.equal(calls().length, 1, code);
  }
});

test("a signal aborts with its own reason, also between attempts", async () => {
  const { client, clock } = network(refused());
  const controller = new AbortController();
  const failed = assert.rejects(client.get("operations/x", { signal: controller.signal }), {
    message: "enough",
  });
  await clock.advance(1);
  controller.abort(new Error("enough"));
  await failed;
  assert.equal(clock.pending, 0);
});

test("many starts are repeated only if each has a request id or starts nothing", async () => {
  const one = { method: "m", request: {}, requestId: "1" };
  const results = json({ results: [{}, {}].map(() => ({ error: { code: 5, message: "No." } })) });
  const repeated = network(refused(), results);
  const answered = repeated.client.startMany([one, { method: "m", request: {}, validateOnly: true }]);
  await repeated.clock.advance(60_000);
  assert.equal((await answered).length, 2);
  assert.equal(repeated.calls().length, 2);
  const once = network(refused(), results);
  const failed = assert.rejects(once.client.startMany([one, { method: "m", request: {} }]), {
    code: "UNAVAILABLE",
  });
  await once.clock.advance(60_000);
  await failed;
  assert.equal(once.calls().length, 1);
});
