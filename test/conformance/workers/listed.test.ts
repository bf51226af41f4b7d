import assert from "node:assert/strict";
import { test } from "node:test";
import { OperatorsClient } from "../../../src/cli/operators/client.ts";
import { workerLines } from "../../../src/cli/operators/worker-lines.ts";
import { styleFor } from "../../../src/cli/output/style.ts";
import { aWorld } from "../../../src/cli/world.suite.ts";
import { silence } from "../../../src/core/events.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { systemClock } from "../../../src/core/ports/clock.ts";
import { systemRandom } from "../../../src/core/ports/random.ts";
import { openStore } from "../../../src/store/open.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { startTestServer } from "../../../src/testing/test-server.ts";
import { postgresForTests } from "../../support/postgres.ts";
import { pack } from "./worker-server.ts";

interface Attempt {
  readonly name: string;
  readonly attempt: number;
  readonly token: string;
}

test("operators see a worker over the network at every API process on the store", async (context) => {
  await using database = await postgresForTests();
  const store = await database.createDatabase();
  const clock = new ManualClock(Date.now());
  await using called = await startTestServer([pack], { store, clock, worker: false });
  await using asked = await startTestServer([pack], { store, worker: false, admin: "full" });
  await called.operations.start(pack, { text: "a" });
  const call = async (path: string, body: object): Promise<unknown> => {
    const headers = { "content-type": "application/json" };
    const sent = { method: "POST", headers, body: JSON.stringify(body) };
    return (await fetch(`${called.url}/v1/${path}`, sent)).json();
  };
  const claimed = await call("operations:claim", {
    methods: ["pack"],
    worker: "far/1",
    workerVersion: "1.4.2",
  });
  const [claim] = (claimed as { readonly claims: readonly { readonly attempt: Attempt }[] }).claims;
  assert.ok(claim !== undefined);
  // The first lease is shorter than the interval of reports.
  const { name, attempt, token } = claim.attempt;
  const renewed = await call(`${name}:renew`, { attempt, token, lease: "600s" });
  assert.equal((renewed as { readonly held: boolean }).held, true);
  // The process reports at the end of an interval of the store's clock.
  await clock.advance(LIMITS.reportMs);
  const reading = await openStore(store, { clock: systemClock, random: systemRandom, tell: silence });
  context.after(() => reading.close());
  const remote = async () =>
    (await reading.statistics.processes(0, 100)).find(({ role }) => role === "remote");
  while ((await remote()) === undefined) await new Promise((resolve) => setImmediate(resolve));
  const client = new OperatorsClient({ fetch, clock: systemClock }, { server: asked.url });
  const { message } = await client.workers();
  const worker = message.workers.find(({ role }) => role === "remote");
  assert.match(worker?.worker ?? "", /^remote:far\/1 via \S+$/);
  assert.deepEqual(
    [worker?.running, worker?.slots, worker?.methods, worker?.version],
    [1, 1, ["pack"], "1.4.2"],
  );
  using world = aWorld();
  const setting = { style: styleFor(world.io, world.io.stdout), columns: 200 };
  const lines = workerLines(message.workers, setting, message.asOf);
  assert.ok(
    lines.some((line) => /^remote:far\/1 via \S+ +remote +1\.4\.2 +1\/1 /.test(line)),
    lines.join("\n"),
  );
});
