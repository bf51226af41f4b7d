import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import type { Output } from "../io.ts";
import { LogSink } from "./log-sink.ts";

/** An output that a test can break, and whose reader it can stop. */
class FaultyOutput implements Output {
  readonly isTerminal = false;
  readonly columns = 80;
  readonly rows = 24;
  text = "";
  fault: Error | undefined;
  #stopped: (() => void)[] | undefined;

  write(text: string, written: (error?: Error | null) => void = () => {}): void {
    const take = (): void => {
      if (this.fault === undefined) this.text += text;
      written(this.fault);
    };
    if (this.#stopped === undefined) take();
    else this.#stopped.push(take);
  }

  stopReading(): void {
    this.#stopped ??= [];
  }

  readOn(): void {
    const waiting = this.#stopped ?? [];
    this.#stopped = undefined;
    for (const take of waiting) take();
  }
}

function setUp() {
  const output = new FaultyOutput();
  const clock = new ManualClock();
  return { output, clock, sink: new LogSink(output, clock, (count) => `dropped ${count}\n`) };
}

const LINE = `${"x".repeat(1_023)}\n`;

describe("LogSink", () => {
  it("keeps a bounded number of lines for a reader that does not read, and reports how many were dropped", () => {
    const { output, sink } = setUp();
    output.stopReading();
    const kept = LIMITS.logBytesMax / LINE.length;
    for (let line = 0; line < kept + 5; line++) sink.write(LINE);
    output.readOn();
    assert.equal(output.text, `${LINE.repeat(kept)}dropped 5\n`);
    sink.write("after\n");
    assert.ok(output.text.endsWith("dropped 5\nafter\n"));
  });

  it("counts lines that a broken output did not accept, and reports them with the next line that it accepts", () => {
    const { output, clock, sink } = setUp();
    sink.write("before\n");
    output.fault = new Error("ENOSPC");
    for (let line = 0; line < 3; line++) sink.write("lost\n");
    output.fault = undefined;
    sink.write("after\n");
    sink.write("later\n");
    // The line break ends a line that may be incomplete.
    assert.equal(output.text, "before\n\ndropped 3\nafter\nlater\n");
    assert.equal(clock.pending, 1);
  });

  it("retries a broken output by itself, for as long as necessary", async () => {
    const { output, clock, sink } = setUp();
    output.fault = new Error("ENOSPC");
    sink.write("lost\n");
    await clock.advance(3 * LIMITS.logRetryMs);
    assert.equal(output.text, "");
    output.fault = undefined;
    await clock.advance(LIMITS.logRetryMs);
    assert.equal(output.text, "\ndropped 1\n");
    await clock.advance(LIMITS.logRetryMs);
    assert.equal(clock.pending, 0);
  });

  it("counts lines that arrive while it checks whether the output works", () => {
    const { output, sink } = setUp();
    output.fault = new Error("EPIPE");
    sink.write("lost\n");
    output.fault = undefined;
    output.stopReading();
    sink.write("told\n");
    sink.write("while it is told\n");
    output.readOn();
    assert.equal(output.text, "\ndropped 1\ntold\ndropped 1\n");
  });
});
