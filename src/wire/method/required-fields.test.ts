import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { missingFields } from "./required-fields.ts";
import { library } from "./sample.suite.ts";

test("missingFields() counts a default as missing where a field has no presence, and looks into messages that are there", () => {
  const { message } = library();
  const desc = message("CreateBookRequest");
  const paths = (init: Record<string, unknown>): unknown =>
    missingFields(desc, create(desc, init)).map(({ path }) => path);
  assert.deepEqual(paths({}), [["parent"], ["book"]]);
  assert.deepEqual(paths({ parent: "", book: {} }), [["parent"], ["book", "title"]]);
  assert.deepEqual(paths({ parent: "a", book: { title: "b" } }), []);
});
