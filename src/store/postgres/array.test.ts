import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf, keysOf } from "./array.ts";

test("columnsOf() turns rows into the text of one array per column", () => {
  const rows = [
    ["a", 1, true, null],
    ["b", 2, false, "c"],
  ];
  assert.deepEqual(columnsOf(rows), ['{"a","b"}', "{1,2}", "{true,false}", '{NULL,"c"}']);
  assert.deepEqual(columnsOf([]), []);
});

test("columnsOf() escapes characters that have a meaning in arrays", () => {
  const texts = ["", "NULL", 'quote " and \\ backslash', "{1,2}", " space ", "line\nbreak"];
  assert.deepEqual(columnsOf(texts.map((each) => [each])), [
    String.raw`{"","NULL","quote \" and \\ backslash","{1,2}"," space ","line` + '\nbreak"}',
  ]);
});

test("keysOf() finds a row by its shard and its id", () => {
  const ids = ["0199c000-0000-7000-8000-0000000000c1", "0199c000-0000-7000-8000-0000000000ff"];
  assert.deepEqual(keysOf(ids), ["{1,63}", `{"${ids.join('","')}"}`]);
});
