import assert from "node:assert/strict";
import { test } from "node:test";
import { manyLines, oneLine, paintState, styleFor } from "./style.ts";

const output = (isTerminal: boolean) => ({ isTerminal, columns: 80, rows: 24, write: () => {} });

test("styleFor() colours a terminal only, and never with NO_COLOR", () => {
  assert.equal(styleFor({ environment: {} }, output(true)).red("x"), "\u001b[31mx\u001b[39m");
  assert.equal(styleFor({ environment: {} }, output(false)).red("x"), "x");
  assert.equal(styleFor({ environment: { NO_COLOR: "1" } }, output(true)).red("x"), "x");
  assert.equal(styleFor({ environment: { NO_COLOR: "" } }, output(true)).bold("x"), "\u001b[1mx\u001b[22m");
  assert.equal(styleFor({ environment: { TERM: "dumb" } }, output(true)).dim("x"), "x");
});

test("paintState() knows every state", () => {
  const style = styleFor({ environment: {} }, output(false));
  for (const state of ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELLED"] as const)
    assert.equal(paintState(style, state), state);
});

test("oneLine() and manyLines() neutralise control characters", () => {
  assert.equal(oneLine("a\nb\u001b[31mc\u202ed"), "a b\ufffd[31mc\ufffdd");
  assert.equal(manyLines("a\r\nb\u0007"), "a\nb\ufffd");
});
