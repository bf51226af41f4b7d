import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import { LIMITS } from "../../core/limits.ts";
import { keyOf, pathsIn, protoPath, segmentsOf } from "./path.ts";

const book = methodOf(libraryService(), "GetBook").output;

suite("protoPath() spells fields as in the proto", () => {
  const cases: readonly (readonly [path: string, spelled: string, what: string])[] = [
    ["pageCount", "page_count", "lowerCamelCase"],
    ["page_count", "page_count", "lower_snake_case"],
    ["author.givenName", "author.given_name", "a field inside of a message"],
    ["labels.envName", "labels.envName", "a key of a map"],
    ["labels.Env", "labels.Env", "a key with a capital"],
    ["labels.env_name", "labels.env_name", "a key with an underscore"],
    ["labels.`example.com/teamName`", "labels.`example.com/teamName`", "a key in backticks"],
    ["translators.deCh.givenName", "translators.deCh.given_name", "a field behind a key"],
    ["sequels.*.pageCount", "sequels.*.page_count", "a field of every member of a list"],
    ["extras.someKey.inside", "extras.someKey.inside", "what is inside a Struct"],
    ["*", "*", "everything"],
    ["someName.otherName", "some_name.other_name", "unknown fields, as proto-JSON reads them"],
    ["SomeName", "SomeName", "an unknown field with a capital first"],
    ["pageCount.someName", "page_count.some_name", "a path that goes on behind a value"],
  ];
  for (const [path, spelled, what] of cases) test(what, () => assert.equal(protoPath(path, book), spelled));

  test("without knowing the mask's message", () => {
    assert.equal(protoPath("pageCount.Env.some_name", undefined), "page_count.Env.some_name");
  });
});

test("pathsIn() and segmentsOf() do not split text in backticks", () => {
  assert.deepEqual(pathsIn("a.b, labels.`x,y.z` ,,c"), ["a.b", "labels.`x,y.z`", "c"]);
  assert.deepEqual(pathsIn(""), []);
  assert.deepEqual(segmentsOf("labels.`x,y.z`.b"), ["labels", "`x,y.z`", "b"]);
  assert.equal(keyOf("`x,y.z`"), "x,y.z");
  assert.equal(keyOf("x"), "x");
});

test("pathsIn() accepts a limited number of paths and characters", () => {
  const { fieldMaskNamesMax, fieldMaskLengthMax } = LIMITS;
  assert.equal(pathsIn("a,".repeat(fieldMaskNamesMax)).length, fieldMaskNamesMax);
  assert.throws(() => pathsIn("a,".repeat(fieldMaskNamesMax + 1)), /expected at most 1000 paths, got 1001/);
  assert.equal(pathsIn("a".repeat(fieldMaskLengthMax)).length, 1);
  assert.throws(
    () => pathsIn("a".repeat(fieldMaskLengthMax + 1)),
    /expected at most 32768 characters, got 32769/,
  );
});
