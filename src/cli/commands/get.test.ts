import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { aWorld } from "../world.suite.ts";

const NAME = "operations/0199aabb-ccdd-7eff-8000-000000000001";

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

test("get says what to check if nothing listens", async () => {
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

test("get uses gRPC if the address says so, and shows the same", async () => {
  await using bench = await aBench();
  const grpc = bench.url.replace("http:", "grpc:");
  const { operation } = await shown(grpc, "start", "fail", "--wait");
  assert.deepEqual(await shown(grpc, "get", operation.name), await shown(bench.url, "get", operation.name));
});

test("get --admin shows details that callers never see", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "fail", "--request-id", "once", "--wait");
  const { operations } = await bench.server.operations.list({});
  const name = operations[0]?.name ?? "";
  const before = world.out().length;
  assert.equal(await world.run("get", name, "--admin"), EXIT.succeeded, world.err());
  const text = world.out().slice(before);
  assert.match(text, /FAILED\n +method +fail\n +request id +once\n/);
  assert.match(
    text,
    /attempts +1 {2}\d{4}-\S+ to \d{4}-\S+ {2}\S+ {2}failed, FAILED_PRECONDITION: The disk is full\./,
  );
  const json = world.out().length;
  assert.equal(await world.run("get", name, "--admin", "--output", "json"), EXIT.succeeded);
  const record = JSON.parse(world.out().slice(json)) as { readonly row: { readonly name: string } };
  assert.equal(record.row.name, name);
  assert.equal(await world.run("get", name.replace(/.$/, "x"), "--admin"), EXIT.notFound);
});

test("get refuses a store and a server together", async () => {
  using world = aWorld();
  assert.equal(await world.run("get", NAME, "--admin", "--store", "sqlite:none.db"), EXIT.usage);
  assert.match(world.err(), /admin: asks the server, and --store reads without one/);
});

test("get --admin says if there is no operators' service, or which token is missing", async () => {
  await using off = await startTestServer([], { admin: "off" });
  using world = aWorld({ environment: { LONGRUNNING_SERVER: off.url } });
  assert.equal(await world.run("get", NAME, "--admin"), EXIT.refused);
  assert.match(world.err(), /has no operators' service\.\nIts server has to be started with --admin/);
  const adminToken = "0123456789abcdef";
  await using closed = await startTestServer([], { adminToken });
  using stranger = aWorld({ environment: { LONGRUNNING_SERVER: closed.url } });
  assert.equal(await stranger.run("get", NAME, "--admin"), EXIT.refused);
  assert.match(stranger.err(), /LONGRUNNING_ADMIN_TOKEN/);
  assert.equal(await stranger.run("get", NAME, "--admin", "--admin-token", adminToken), EXIT.notFound);
});
