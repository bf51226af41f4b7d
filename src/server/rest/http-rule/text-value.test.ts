import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import { emptyIsValue, textJson, textTypeOf, typeLabel } from "./text-value.ts";

const { fields } = methodOf(libraryService(), "GetBook").output;

function field(name: string): (typeof fields)[number] {
  const found = fields.find((each) => each.name === name);
  assert.ok(found !== undefined, name);
  return found;
}

suite("textJson()", () => {
  const cases: readonly (readonly [field: string, text: string, json: unknown])[] = [
    ["title", "", ""],
    ["title", "7", "7"],
    ["binding", "HARDCOVER", "HARDCOVER"],
    ["binding", "2", 2],
    ["binding", "-1", -1],
    ["bindings", "PAPERBACK", "PAPERBACK"],
    ["page_count", "-12", "-12"],
    ["page_count", "1.5", undefined],
    ["page_count", "1e3", undefined],
    ["page_count", " 1", undefined],
    ["copies", "9223372036854775807", "9223372036854775807"],
    ["lent", "true", true],
    ["lent", "FALSE", false],
    ["lent", "1", true],
    ["lent", "yes", undefined],
    ["digest", "_-8", "_-8"],
    ["weight", "1.5e3", 1500],
    ["weight", ".5", 0.5],
    ["weight", "Infinity", "Infinity"],
    ["weight", "1e999", "1e999"],
    ["weight", "0x10", undefined],
    ["weight", "", undefined],
    ["tags", "a", "a"],
    ["create_time", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"],
    ["loan", "3.5s", "3.5s"],
    ["price", "12", "12"],
    ["price", "x", undefined],
    ["motto", "m", "m"],
  ];
  for (const [name, text, json] of cases) {
    test(`reads ${JSON.stringify(text)} for ${name}`, () => {
      const type = textTypeOf(field(name));
      assert.ok(type !== undefined);
      assert.deepEqual(textJson(text, type), json);
    });
  }
});

test("textTypeOf() has no type for maps, nor for messages whose JSON is not a single value", () => {
  for (const name of ["labels", "translators", "author", "sequels", "extras", "note"])
    assert.equal(textTypeOf(field(name)), undefined, name);
});

test("emptyIsValue() is true for types whose text may be empty", () => {
  const empty = ["title", "digest", "motto", "page_count", "loan", "binding"].map((name) => {
    const type = textTypeOf(field(name));
    return type !== undefined && emptyIsValue(type);
  });
  assert.deepEqual(empty, [true, true, true, false, false, false]);
});

test("typeLabel() names types as Google's errors do (contract 4.4)", () => {
  const labels = ["page_count", "copies", "labels", "binding", "loan", "tags"].map((name) =>
    typeLabel(field(name)),
  );
  assert.deepEqual(labels, [
    "TYPE_INT32",
    "TYPE_INT64",
    "Map",
    "type.googleapis.com/library.v1.Book.Binding",
    "type.googleapis.com/google.protobuf.Duration",
    "TYPE_STRING",
  ]);
});
