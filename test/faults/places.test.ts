import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { checkPlaces } from "./places.ts";
import type { Interruption, Run } from "./runs.ts";

/** A run of an operation, in a process with the attempt's number. */
function run(name: string, began: number, ended: number, more: Partial<Run> = {}): Run {
  const place = { key: "queueOne a", limit: 1 };
  return {
    name,
    attempt: 1,
    process: more.attempt ?? 1,
    place,
    began,
    ended,
    wallMinusMonotonic: 0,
    ...more,
  };
}

function checked(
  runs: readonly Run[],
  more: { interruptions?: readonly Interruption[]; askedToEnd?: ReadonlyMap<string, number> } = {},
): readonly string[] {
  return checkPlaces(runs, { interruptions: [], askedToEnd: new Map(), ...more });
}

describe("checkPlaces()", () => {
  it("accepts runs one after another, runs of other keys at once, and as many as the limit", () => {
    const two = { place: { key: "queueTwo a", limit: 2 } };
    const runs = [
      run("a", 0, 10),
      run("b", 10, 20),
      run("c", 0, 20, { place: { key: "queueOne b", limit: 1 } }),
      run("d", 0, 20, two),
      run("e", 5, 15, two),
    ];
    assert.deepEqual(checked(runs), []);
  });

  it("refuses one run more than the limit, and names the key", () => {
    const [finding] = checked([run("a", 0, 10), run("b", 9, 20)]);
    assert.equal(finding, "too many: 2 of queueOne a ran at once, 1 may: a, b");
    const two = { place: { key: "queueTwo a", limit: 2 } };
    const three = [run("a", 0, 10, two), run("b", 1, 10, two), run("c", 2, 10, two)];
    assert.equal(checked(three).length, 1);
  });

  it("refuses a run beside an operation that is between two overlapping attempts", () => {
    const lost = [run("a", 0, 30), run("a", 20, 40, { attempt: 2 })];
    assert.deepEqual(checked(lost), []);
    assert.equal(checked([...lost, run("b", 35, 50)]).length, 1);
  });

  it("stops counting a run when its process is dead, but counts it while it is frozen", () => {
    const runs = [run("a", 0, Number.POSITIVE_INFINITY), run("b", 20, 30)];
    const dead = { process: 1, from: 10, to: Number.POSITIVE_INFINITY };
    assert.deepEqual(
      checked([runs[0] ?? assert.fail(), run("b", 20, 30, { process: 2 })], { interruptions: [dead] }),
      [],
    );
    assert.equal(checked(runs, { interruptions: [{ process: 1, from: 10, to: 25 }] }).length, 1);
  });

  it("counts a run until a caller requests the end of its operation", () => {
    const runs = [run("a", 0, 30), run("b", 20, 40)];
    assert.deepEqual(checked(runs, { askedToEnd: new Map([["a", 15]]) }), []);
    assert.equal(checked(runs, { askedToEnd: new Map([["a", 25]]) }).length, 1);
  });
});
