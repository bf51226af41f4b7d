import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkRuns, type Interruption, type Run, runsOf } from "./runs.ts";

/** A run of attempt `attempt`, in a process of the same number. */
function run(attempt: number, began: number, ended: number, more: Partial<Run> = {}): Run {
  return { name: "operations/a", attempt, process: attempt, began, ended, wallMinusMonotonic: 0, ...more };
}

function checked(runs: readonly Run[], ...interruptions: Interruption[]) {
  return checkRuns(runs, { interruptions, marginMs: 10 });
}

describe("checkRuns()", () => {
  it("accepts attempts one after another, and different operations at once", () => {
    const report = checked([run(1, 0, 100), run(2, 100, 200), run(1, 50, 150, { name: "operations/b" })]);
    assert.deepEqual(report, { runs: 3, again: 1, worstOverlapMs: 0, findings: [] });
  });

  it("refuses two attempts at once, and measures how long they overlap", () => {
    const report = checked([run(2, 60, 200), run(1, 0, 100)]);
    assert.equal(report.worstOverlapMs, 40);
    assert.match(report.findings.join(), /attempts 1 and 2 of operations\/a ran at once for 40 ms/);
  });

  it("refuses an attempt that never ended beside a later one", () => {
    const report = checked([run(1, 0, Number.POSITIVE_INFINITY), run(2, 60, 200)]);
    assert.equal(report.worstOverlapMs, 140);
    assert.equal(report.findings.length, 1);
  });

  it("refuses an attempt that began twice, however far apart", () => {
    const report = checked([run(1, 0, 10), run(1, 500, 510, { process: 7 })]);
    assert.match(report.findings.join(), /attempt 1 of operations\/a began twice/);
  });

  it("counts no time while a process is frozen or dead, and all other time", () => {
    const frozen = [run(1, 0, 108), run(2, 60, 200)];
    assert.deepEqual(checked(frozen, { process: 1, from: 40, to: 100 }).findings, []);
    assert.equal(checked(frozen, { process: 1, from: 70, to: 80 }).worstOverlapMs, 38);
    assert.equal(checked(frozen, { process: 3, from: 40, to: 100 }).worstOverlapMs, 48);
    const dead = [run(1, 0, Number.POSITIVE_INFINITY), run(2, 60, 200)];
    assert.equal(checked(dead, { process: 1, from: 50, to: Number.POSITIVE_INFINITY }).worstOverlapMs, 0);
    const bothDead = [run(1, 0, Number.POSITIVE_INFINITY), run(2, 60, Number.POSITIVE_INFINITY)];
    const deaths = [50, 90].map((from, index) => ({
      process: index + 1,
      from,
      to: Number.POSITIVE_INFINITY,
    }));
    assert.equal(checked(bothDead, ...deaths).worstOverlapMs, 0);
  });
});

describe("runsOf()", () => {
  it("joins the lines of a process, and leaves runs without an end open", () => {
    const line = { name: "operations/a", attempt: 1, wall: 1_000 };
    const runs = runsOf(7, [
      { ...line, event: "began", at: 10 },
      { ...line, event: "began", at: 20, attempt: 2 },
      { ...line, event: "ended", at: 30 },
    ]);
    assert.deepEqual(
      runs.map(({ attempt, process, began, ended }) => [attempt, process, began, ended]),
      [
        [1, 7, 10, 30],
        [2, 7, 20, Number.POSITIVE_INFINITY],
      ],
    );
    assert.equal(runs[0]?.wallMinusMonotonic, 990);
  });
});
