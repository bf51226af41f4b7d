import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { WorkerStateSchema } from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { workerLines } from "../operators/worker-lines.ts";
import { styleFor } from "../output/style.ts";
import { aWorld } from "../world.suite.ts";

test("workers prints the server's answer for programs", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("workers", "--output", "json"), EXIT.succeeded);
  const { workers = [] } = JSON.parse(world.out()) as { readonly workers?: readonly unknown[] };
  assert.ok(Array.isArray(workers));
});

test("a process without news for half a minute is silent, and its leases end soon; then it has vanished", () => {
  using world = aWorld();
  const style = styleFor(world.io, world.io.stdout);
  const now = 1_800_000_000_000;
  const at = (ms: number) => timestampFromMs(now + ms);
  const common = {
    role: "all",
    version: "1",
    slots: 4,
    running: 1,
    methods: ["echo"],
    startTime: at(-600_000),
  };
  const workers = [
    create(WorkerStateSchema, { ...common, worker: "a-1", seenTime: at(-2_000) }),
    create(WorkerStateSchema, { ...common, worker: "b-2", seenTime: at(-42_000), leasesEndTime: at(18_000) }),
    create(WorkerStateSchema, { ...common, worker: "c-3", seenTime: at(-1_000), draining: true }),
    create(WorkerStateSchema, { ...common, worker: "d-4", seenTime: at(-720_000) }),
  ];
  const [head, first, second, third, fourth] = workerLines(workers, { style, columns: 200 }, at(0));
  assert.match(head ?? "", /^WORKER +ROLE +VERSION +SLOTS +UP +SEEN +METHODS$/);
  assert.match(first ?? "", /^a-1 +all +1 +1\/4 +10 min +2 s ago +echo$/);
  assert.match(second ?? "", / silent 42 s, leases end within 18 s +echo$/);
  assert.match(fourth ?? "", / vanished 12 min ago +echo$/);
  assert.match(third ?? "", /^c-3 +all \(stops\) /);
  assert.deepEqual(workerLines([], { style, columns: 80 }, at(0)), []);
});
