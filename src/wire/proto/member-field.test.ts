import assert from "node:assert/strict";
import { test } from "node:test";
import { library } from "../../protos/method/sample.suite.ts";
import { InexactError } from "./exact-scalar.ts";
import { holdsNull, isKind, memberField, typeNameOf } from "./member-field.ts";

const book = library().message("Book");

function field(name: string, given: unknown, fromCode = true): readonly unknown[] {
  const [found, value] = memberField(book, { name, given, fromCode });
  return [found?.name, value];
}

test("memberField() knows fields by their names in JSON and in the proto, and oneofs by their names in code", () => {
  assert.deepEqual(field("title", "a"), ["title", "a"]);
  assert.deepEqual(field("color", "red"), ["color", "red"]);
  assert.deepEqual(field("cover", { case: "color", value: "red" }), ["color", "red"]);
  assert.deepEqual(field("cover", { case: undefined }), [undefined, undefined]);
  assert.throws(() => field("cover", { case: "color", value: "red" }, false), InexactError);
  assert.throws(() => field("titel", "a"), /test\.v1\.Book has no field "titel" \(did you mean "title"\?\)/);
});

test("messages, Values, and fields that contain null are distinguished", () => {
  assert.deepEqual(
    [typeNameOf({ $typeName: "a.B" }), typeNameOf({}), typeNameOf(null)],
    ["a.B", undefined, undefined],
  );
  assert.deepEqual([isKind({ kind: { case: "nullValue" } }), isKind({ kind: 1 })], [true, false]);
  assert.ok(book.fields.every((each) => !holdsNull(each)));
});
