import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { remoteWorker } from "../../core/operation/remote-worker.ts";
import { transition } from "../../core/operation/transition.ts";
import { openStore } from "../../store/open.ts";
import { anOperation, nameOf } from "../../testing/an-operation.ts";
import { EXIT } from "../exit.ts";
import { aWorld, type World } from "../world.suite.ts";

async function storeWithFailure(
  world: World,
  worker = "worker-1",
): Promise<{ address: string; name: string }> {
  const address = `sqlite:${join(world.directory, "operations.db")}`;
  const operation = anOperation({ parent: "projects/p", request: '{"directory":"/tmp"}', attemptsMax: 1 });
  const now = operation.createTime;
  const running = transition(operation, {
    type: "claim",
    now,
    worker,
    leaseTime: now + 1_000,
  }).next;
  assert.ok(running);
  const error = { code: "INTERNAL", message: "It failed.", details: [] } as const;
  const exception = "Error: secret\n    at run (archive.ts)";
  const failed = transition(running, {
    type: "fail",
    now,
    attempt: 1,
    error,
    exception,
    retryTime: now,
  }).next;
  assert.ok(failed);
  const store = await openStore(address);
  await store.write({ verb: "insert", operation: { ...failed, revision: 1 } });
  await store.close();
  return { address, name: nameOf(operation) };
}

test("get --store shows what only operators see, without a server", async () => {
  using world = aWorld();
  const { address, name } = await storeWithFailure(world, remoteWorker("worker-1"));
  assert.equal(await world.run("get", name, "--store", address), EXIT.succeeded);
  assert.match(world.out(), /request +\{"directory":"\/tmp"\}/);
  assert.match(world.out(), /attempt +1 \(1 of 1 failed\)/);
  assert.match(
    world.out(),
    /attempts +1 {2}2026-01-01T00:00:00\.000Z to 2026-01-01T00:00:00\.000Z {2}worker-1 {2}failed, INTERNAL: Error: secret\n/,
  );
  assert.match(world.out(), /exception +Error: secret\n +at run \(archive\.ts\)/);
});

test("get --store --output json has every field of the record", async () => {
  using world = aWorld();
  const { address, name } = await storeWithFailure(world);
  assert.equal(await world.run("get", name, "--store", address, "--output", "json"), EXIT.succeeded);
  const record = JSON.parse(world.out()) as Record<string, unknown>;
  assert.equal(record["name"], name);
  assert.deepEqual(record["request"], { directory: "/tmp" });
  assert.equal(record["createTime"], "2026-01-01T00:00:00.000Z");
  assert.match(String(record["exception"]), /secret/);
  const times = { beginTime: "2026-01-01T00:00:00.000Z", endTime: "2026-01-01T00:00:00.000Z" };
  const ended = { how: "failed", code: "INTERNAL", message: "Error: secret" };
  assert.deepEqual(record["attempts"], [{ number: 1, worker: "worker-1", ...times, ...ended }]);
});

test("get --store distinguishes a wrong name, a missing operation and a missing store", async () => {
  using world = aWorld();
  const { address, name } = await storeWithFailure(world);
  const other = name.replace("projects/p", "projects/q");
  assert.equal(await world.run("get", "operations/x", "--store", address), EXIT.usage);
  assert.equal(await world.run("get", other, "--store", address), EXIT.notFound);
  assert.equal(await world.run("get", name, "--store", `sqlite:${world.directory}/none.db`), EXIT.refused);
  assert.match(world.err(), /there is no such file/);
});
