import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { systemClock } from "../core/ports/clock.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { type LineOutput, Lines, type OnFailure } from "./lines.ts";

/** An output that the test controls. */
class TurnedOutput implements LineOutput {
  readonly written: string[] = [];
  fails = false;
  /** Writes wait for this. */
  gate: Promise<void> = Promise.resolve();

  async write(text: string): Promise<void> {
    await this.gate;
    if (this.fails) throw new Error("ENOSPC: no space left on device");
    this.written.push(text);
  }
}

function open(onFailure: OnFailure = "continue") {
  const output = new TurnedOutput();
  const clock = new ManualClock();
  const told: string[] = [];
  const tell = {
    "audit.failed": () => void told.push("failed"),
    "audit.recovered": ({ count }: { readonly count: number }) => void told.push(`recovered ${count}`),
  };
  return { output, clock, told, lines: new Lines({ output, onFailure, clock, tell }) };
}

const UNAVAILABLE = { code: "UNAVAILABLE", reason: "AUDIT_UNAVAILABLE" };

describe("Lines", () => {
  it("resolves when a line is written, and writes lines that arrive meanwhile together", async () => {
    const { output, lines } = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    output.gate = promise;
    const all = [lines.add("a\n"), lines.add("b\n"), lines.add("c\n")];
    let isSettled = false;
    void Promise.race(all).then(() => (isSettled = true));
    await new Promise<void>((next) => systemClock.soon(next));
    assert.equal(isSettled, false, "nothing is written yet");
    resolve();
    await Promise.all(all);
    assert.deepEqual(output.written, ["a\n", "b\nc\n"]);
  });

  it("continues without lines if the setting allows it, reports that once, and writes all of them later", async () => {
    const { output, clock, told, lines } = open();
    output.fails = true;
    await Promise.all([lines.add("a\n"), lines.add("b\n")]);
    await lines.add("c\n");
    lines.check();
    await clock.advance(LIMITS.auditRetryMs);
    assert.deepEqual([told, output.written], [["failed"], []]);
    output.fails = false;
    await clock.advance(LIMITS.auditRetryMs);
    await lines.end();
    assert.deepEqual([told, output.written], [["failed", "recovered 0"], ["\na\nb\nc\n"]]);
    await lines.add("d\n");
    assert.equal(output.written.at(-1), "d\n");
  });

  it("refuses if the setting says so, but keeps the lines of completed calls", async () => {
    const { output, clock, lines } = open("refuse");
    lines.check();
    output.fails = true;
    const both = [lines.add("a\n"), lines.add("b\n")];
    for (const each of both) await assert.rejects(each, UNAVAILABLE);
    assert.throws(() => lines.check(), UNAVAILABLE);
    await assert.rejects(lines.add("c\n"), UNAVAILABLE);
    output.fails = false;
    await clock.advance(LIMITS.auditRetryMs);
    await lines.end();
    lines.check();
    assert.deepEqual(output.written, ["\na\nb\nc\n"]);
  });

  it("keeps a bounded number of bytes, and reports how many lines were lost", async () => {
    const { output, clock, told, lines } = open();
    output.fails = true;
    const half = "x".repeat(LIMITS.auditBytesMax / 2);
    for (let index = 0; index < 4; index++) await lines.add(half);
    output.fails = false;
    await clock.advance(LIMITS.auditRetryMs);
    await lines.end();
    assert.equal(output.written.join("").length, LIMITS.auditBytesMax + 1);
    assert.deepEqual(told, ["failed", "recovered 2"]);
    await lines.add(half);
    assert.equal(output.written.length, 2, "there is room again");
  });

  it("reports lines that were lost because the output was slow, not broken", async () => {
    const { output, told, lines } = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    output.gate = promise;
    const half = "x".repeat(LIMITS.auditBytesMax / 2);
    const all = Array.from({ length: 3 }, () => lines.add(half));
    resolve();
    await Promise.all([...all, lines.end()]);
    assert.equal(output.written.join("").length, LIMITS.auditBytesMax);
    assert.deepEqual(told, ["recovered 1"]);
  });

  it("tries to write the rest once more at the end", async () => {
    const { output, lines } = open();
    output.fails = true;
    await lines.add("a\n");
    await lines.end();
    output.fails = false;
    await lines.end();
    assert.deepEqual(output.written, ["\na\n"]);
  });
});
