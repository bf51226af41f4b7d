import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("get shows an operation, for people and for programs", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "fail", "--wait", "--output", "json");
  const { name } = JSON.parse(world.out()) as { name: string };
  using people = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await people.run("get", name), EXIT.succeeded);
  assert.match(people.out(), /FAILED\n {2}method +fail\n/);
  using programs = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await programs.run("get", `/v1/${name}`, "--output=json"), EXIT.succeeded);
  const operation = JSON.parse(programs.out()) as { error: { code: string }; metadata: { state: string } };
  assert.equal(operation.error.code, "FAILED_PRECONDITION");
  assert.equal(operation.metadata.state, "FAILED");
});

test("get says what to check when nothing listens", async () => {
  await using bench = await aBench();
  const { url } = bench;
  await bench.server.stop();
  using world = aWorld();
  assert.equal(await world.run("get", "operations/x", "--server", url), EXIT.unreachable);
  assert.match(world.err(), /could not reach the server[\s\S]*longrunning serve FILE/);
});

async function shown(server: string, ...words: string[]) {
  using world = aWorld({ environment: { LONGRUNNING_SERVER: server } });
  const exit = await world.run(...words, "--output", "json");
  return { exit, operation: JSON.parse(world.out()) as { name: string } };
}

test("get asks over gRPC where the address says so, and shows the same", async () => {
  await using bench = await aBench();
  const grpc = bench.url.replace("http:", "grpc:");
  const { operation } = await shown(grpc, "start", "fail", "--wait");
  assert.deepEqual(await shown(grpc, "get", operation.name), await shown(bench.url, "get", operation.name));
});
