import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { LogFields } from "../../core/ports/log.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Repeats } from "./repeats.ts";

function setUp() {
  const clock = new ManualClock();
  const repeats = new Repeats(clock);
  const written: { readonly message: string; readonly fields: LogFields }[] = [];
  const write = (message: string, fields: LogFields): void => void written.push({ message, fields });
  const log = (message: string, fields: LogFields = {}): void =>
    repeats.write("error", message, { fields, write });
  return { clock, repeats, written, log };
}

describe("Repeats", () => {
  it("writes the first of a kind at once and counts the others, for each interval", async () => {
    const { clock, written, log } = setUp();
    for (let path = 1; path <= 90; path++) log("A call failed", { path, error: new Error("disk full") });
    assert.equal(written.length, 1);
    assert.ok(written[0]?.fields["error"] instanceof Error);
    await clock.advance(LIMITS.logRepeatMs);
    assert.deepEqual(written[1]?.fields, {
      path: 90,
      error: "Error: disk full",
      repeated: 89,
      during: "10s",
    });
    log("A call failed", { path: 91, error: new Error("disk full") });
    await clock.advance(LIMITS.logRepeatMs);
    assert.equal(written[2]?.fields["repeated"], 1);
    // After a quiet interval, the message counts as new.
    await clock.advance(LIMITS.logRepeatMs);
    log("A call failed", { path: 92, error: new Error("disk full") });
    assert.equal(written[3]?.fields["path"], 92);
    assert.equal(written.length, 4);
  });

  it("distinguishes kinds by level, message, method and error", () => {
    const { written, log } = setUp();
    log("A call failed", { error: new Error("disk full") });
    log("A call failed", { error: new Error("away") });
    log("A call failed", { method: "m", error: new Error("away") });
    log("a handler failed", { method: "m", exception: "Error: x\n  at a" });
    log("a handler failed", { method: "m", exception: "Error: y\n  at a" });
    log("a handler failed", { method: "n", exception: "Error: y\n  at b" });
    assert.equal(written.length, 6);
  });

  it("always writes errors that callers were told to look for, with the stack only once", () => {
    const { written, log } = setUp();
    const error = new Error("bug");
    log("A call failed unexpectedly", { requestId: "1", error });
    log("A call failed unexpectedly", { requestId: "2", error });
    assert.deepEqual(
      written.map(({ fields }) => fields),
      [
        { requestId: "1", error },
        { requestId: "2", error: "Error: bug" },
      ],
    );
  });

  it("keeps no more kinds than its limit, and leaves no timer behind after a flush", () => {
    const { clock, repeats, written, log } = setUp();
    for (let kind = 0; kind < LIMITS.logKindsMax + 1; kind++) {
      log(`message ${kind}`);
      log(`message ${kind}`);
    }
    assert.ok(clock.pending <= LIMITS.logKindsMax);
    repeats.flush();
    assert.equal(clock.pending, 0);
    assert.equal(written.length, 2 * (LIMITS.logKindsMax + 1));
  });
});
