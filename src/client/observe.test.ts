import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, network, refused, running, succeeded, type Step } from "./network.suite.ts";

test("result() waits at the server until the operation is done, and returns the response", async () => {
  const { client, clock, calls } = network(
    async () => (await clock.advance(30_000), running()),
    succeeded({ path: "/a" }),
  );
  assert.deepEqual(await client.result("operations/x"), { path: "/a" });
  assert.deepEqual(calls(), [
    "POST /v1/operations/x:wait?timeout=30s",
    "POST /v1/operations/x:wait?timeout=30s",
  ]);
});

test("result() does not spin if wait answers at once", async () => {
  const { client, clock, calls } = network(running(), succeeded({}));
  const result = client.result("operations/x");
  await clock.advance(999);
  assert.equal(calls().length, 1);
  await clock.advance(1);
  await result;
});

test("result() polls if wait is not offered, as often as the operation recommends", async () => {
  const { client, clock, calls } = network(
    failure("UNIMPLEMENTED", 501),
    running({ pollInterval: "2s" }),
    running({ pollInterval: "2s" }),
    succeeded({ n: 1 }),
  );
  const result = client.result("operations/x");
  await clock.advance(1_500);
  assert.deepEqual(calls(), ["POST /v1/operations/x:wait?timeout=30s", "GET /v1/operations/x"]);
  await clock.advance(4_000);
  assert.deepEqual(await result, { n: 1 });
  assert.deepEqual(calls().slice(2), ["GET /v1/operations/x", "GET /v1/operations/x"]);
});

test("result() survives a restart once the server has answered", async () => {
  const script: Step[] = Array.from({ length: 8 }, refused);
  const { client, clock } = network(running(), ...script, succeeded({ n: 1 }));
  const result = client.result("operations/x");
  await clock.advance(120_000);
  assert.deepEqual(await result, { n: 1 });
});

test("result() asks again within a minute, whatever the operation recommends", async () => {
  const { client, clock } = network(running({ pollInterval: "1d" }), succeeded({ n: 1 }));
  const result = client.result("operations/x");
  await clock.advance(60_000);
  assert.deepEqual(await result, { n: 1 });
});

test("updates() asks again within a minute, whatever interval it is given", async () => {
  const { client, clock } = network(running(), running({ pollInterval: "1d" }), succeeded({}));
  let count = 0;
  const watching = (async () => {
    for await (const _ of client.updates("operations/x", { step: "1h" })) count++;
  })();
  await clock.advance(1_000);
  await clock.advance(60_000);
  await watching;
  assert.equal(count, 2);
});

test("updates() ignores another order of the same metadata", async () => {
  const { client, clock } = network(
    failure("NOT_FOUND", 404),
    running({ progressPercent: 10, files: [{ name: "a", size: 1 }] }),
    running({ files: [{ size: 1, name: "a" }], progressPercent: 10 }),
    succeeded({}),
  );
  let count = 0;
  const watching = (async () => {
    for await (const _ of client.updates("operations/x")) count++;
  })();
  await clock.advance(20_000);
  await watching;
  assert.equal(count, 2);
});

test("updates() yields the current operation, each change of its metadata, and the end", async () => {
  const { client, clock, calls } = network(
    failure("NOT_FOUND", 404),
    running({ progressPercent: 10 }),
    running({ progressPercent: 10, pollInterval: "3s" }),
    running({ progressPercent: 40 }),
    succeeded({ n: 1 }),
  );
  const seen: unknown[] = [];
  const watching = (async () => {
    for await (const operation of client.updates("operations/x"))
      seen.push(operation.metadata.progressPercent ?? operation.response);
  })();
  await clock.advance(20_000);
  await watching;
  assert.deepEqual(seen, [10, 40, { n: 1 }]);
  assert.deepEqual(calls().slice(0, 2), ["GET /v1/operations/x:watch", "GET /v1/operations/x"]);
});
