import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { type Finding, Health } from "./health.ts";

const failures = (findings: readonly Finding[]): Record<string, string | undefined> =>
  Object.fromEntries(findings.map(({ name, failure }) => [name, failure]));

const WELL = { store: undefined, migrations: undefined, draining: undefined };

describe("Health", () => {
  it("is ready once the store is open, and until it drains", async () => {
    const health = new Health(new ManualClock());
    let told = 0;
    const unwatch = health.watch(() => told++);
    assert.equal(await health.isReady(), false);
    health.migrating("applying 0001-operations");
    assert.deepEqual(failures(await health.findings()), { ...WELL, migrations: "applying 0001-operations" });
    health.opened(async () => {});
    assert.equal(await health.isReady(), true);
    assert.deepEqual(failures(await health.findings()), WELL);
    health.drain();
    health.drain();
    assert.equal(await health.isReady(), false);
    assert.deepEqual(failures(await health.findings()), { ...WELL, draining: "the server is stopping" });
    assert.equal(told, 2);
    unwatch();
    health.lose();
    assert.equal(told, 2);
  });

  it("is not ready while the store cannot be used, or is gone for good", async () => {
    const clock = new ManualClock();
    const health = new Health(clock);
    let isAway = true;
    health.opened(async () => {
      if (isAway) throw new Error("away");
    });
    assert.equal(await health.isReady(), false);
    isAway = false;
    await clock.advance(1_000);
    assert.equal(await health.isReady(), true);
    health.lose();
    assert.equal(await health.isReady(), false);
    assert.match(failures(await health.findings())["store"] ?? "", /gone for good/);
  });

  it("does not query the store if that check is excluded", async () => {
    const health = new Health(new ManualClock());
    health.opened(() => assert.fail("asked"));
    const findings = await health.findings(new Set(["store", "other"]));
    assert.deepEqual(failures(findings), { migrations: undefined, draining: undefined });
  });
});
