import assert from "node:assert/strict";
import { test } from "node:test";
import { cut, tableLines } from "./table.ts";

test("tableLines() aligns columns and cuts only the last", () => {
  const rows = [
    ["NAME", "WHAT"],
    ["operations/1", "a rather long message"],
  ];
  assert.deepEqual(tableLines(rows), ["NAME          WHAT", "operations/1  a rather long message"]);
  assert.deepEqual(tableLines(rows, { columns: 24 }), ["NAME          WHAT", "operations/1  a rather …"]);
});

test("tableLines() adds colours after the widths are known", () => {
  assert.deepEqual(
    tableLines([["a", "b"]], { paint: (cell, _row, column) => (column === 0 ? `<${cell}>` : cell) }),
    ["<a>  b"],
  );
});

test("cut() leaves short text alone", () => {
  assert.equal(cut("abc", 3), "abc");
  assert.equal(cut("abcd", 3), "ab…");
  assert.equal(cut("abcd", 0), "…");
});
