import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STRUCT } from "../../core/operation/payload.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { rowOf, shortText } from "./row.ts";

const reported = (value: object) => ({ type: STRUCT, json: JSON.stringify(value) });

describe("rowOf()", () => {
  it("has the message of the error, else what was reported", () => {
    const metadata = reported({ statusMessage: "Copying", progressPercent: 40, others: "x".repeat(1_000) });
    const running = rowOf(anOperation({ metadata }));
    assert.deepEqual([running.message, running.progressPercent], ["Copying", 40]);
    const error = { code: "UNAVAILABLE", message: "No disk.", details: [] } as const;
    const failed = rowOf(anOperation({ metadata, error, state: "FAILED" }));
    assert.deepEqual([failed.message, failed.errorCode], ["No disk.", "UNAVAILABLE"]);
  });

  it("takes what a handler reports under these names for what it is", () => {
    const odd = rowOf(anOperation({ metadata: reported({ statusMessage: 5, progressPercent: "40" }) }));
    assert.deepEqual([odd.message, odd.progressPercent], ["", null]);
    assert.equal(rowOf(anOperation({ metadata: reported({ progressPercent: 101 }) })).progressPercent, null);
    assert.equal(rowOf(anOperation({ metadata: reported({ progressPercent: 0 }) })).progressPercent, 0);
  });

  it("is blocked while it waits only", () => {
    assert.equal(rowOf(anOperation({ blocked: true, state: "PENDING" })).blocked, true);
    assert.equal(rowOf(anOperation({ blocked: true, state: "CANCELLED" })).blocked, false);
  });
});

describe("shortText()", () => {
  it("cuts what is long, and never in the middle of a character", () => {
    assert.equal(shortText("x".repeat(200)), "x".repeat(200));
    assert.equal(shortText("x".repeat(201)), `${"x".repeat(199)}…`);
    assert.ok(shortText(`${"x".repeat(198)}😀${"y".repeat(9)}`).isWellFormed());
  });
});
