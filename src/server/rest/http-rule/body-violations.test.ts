import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../../test/support/library-protos.ts";
import type { FieldViolation } from "../../../core/error/details.ts";
import { LIMITS } from "../../../core/limits.ts";
import { typesOfFiles } from "../../../protos/method/imported-types.ts";
import { bodyViolations, invalidText } from "./body-violations.ts";

const service = libraryService();
const types = typesOfFiles([service.file]);
const book = methodOf(service, "GetBook").output;

const violationsOf = (json: JsonValue): readonly FieldViolation[] =>
  bodyViolations(book, json, types).detail["fieldViolations"] as FieldViolation[];

suite("bodyViolations()", () => {
  const cases: readonly (readonly [json: JsonValue, ...violations: string[]])[] = [
    [{ title: "t", page_count: 1 }],
    [{ titel: "t" }, 'titel: Invalid JSON payload received. Unknown name "titel": Cannot find field.'],
    [
      { author: { givenNam: "g" } },
      `author.givenNam: Invalid JSON payload received. Unknown name "givenNam" at 'author': Cannot find field.`,
    ],
    [{ pageCount: "x" }, `page_count: Invalid value at 'page_count' (TYPE_INT32), "x"`],
    [{ pageCount: 2 ** 31 }, `page_count: Invalid value at 'page_count' (TYPE_INT32), 2147483648`],
    [
      { binding: "LEATHER" },
      `binding: Invalid value at 'binding' (type.googleapis.com/library.v1.Book.Binding), "LEATHER"`,
    ],
    [{ tags: "a" }, `tags: Invalid value at 'tags' (TYPE_STRING), "a"`],
    [{ tags: ["a", 1] }, `tags[1]: Invalid value at 'tags[1]' (TYPE_STRING), 1`],
    [{ labels: { a: 1 } }, `labels: Invalid value at 'labels' (Map), {"a":1}`],
    [
      { loan: "soon" },
      `loan: Invalid value at 'loan' (type.googleapis.com/google.protobuf.Duration), "soon"`,
    ],
    [{ author: "a" }, `author: Invalid value at 'author' (type.googleapis.com/library.v1.Author), "a"`],
    [
      { sequels: [{}, { sequels: [{ lent: "no" }] }] },
      `sequels[1].sequels[0].lent: Invalid value at 'sequels[1].sequels[0].lent' (TYPE_BOOL), "no"`,
    ],
    [
      { translators: { eva: { age: 1 } } },
      `translators["eva"].age: Invalid JSON payload received. Unknown name "age" at 'translators["eva"]': Cannot find field.`,
    ],
    [
      { pageCount: 1, page_count: 2 },
      `page_count: Invalid JSON payload received. "page_count" is set more than once.`,
    ],
    [{ room: "r", desk: "d" }, ": Invalid JSON payload received. The fields cannot be set together."],
    [
      { note: { "@type": "type.googleapis.com/un.Known" } },
      `note: Invalid value at 'note' (type.googleapis.com/google.protobuf.Any), {"@type":"type.googleapis.com/un.Known"}`,
    ],
    ["text", `: Invalid value (type.googleapis.com/library.v1.Book), "text"`],
    [
      { a: 1, lent: 2 },
      'a: Invalid JSON payload received. Unknown name "a": Cannot find field.',
      "lent: Invalid value at 'lent' (TYPE_BOOL), 2",
    ],
  ];
  for (const [json, ...violations] of cases) {
    test(JSON.stringify(json).slice(0, 60), () => {
      assert.deepEqual(
        violationsOf(json).map(({ field = "", description }) => `${field}: ${description}`),
        violations,
      );
    });
  }

  test("lists a bounded number of violations, each with a bounded text", () => {
    const many = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`${"x".repeat(500)}${index}`, 1]),
    );
    const maps = Object.fromEntries(Array.from({ length: 1_000 }, (_, index) => [`k${index}`, { age: 1 }]));
    const lists = [many, { tags: Array.from({ length: 1_000 }, () => 1) }, { translators: maps }];
    for (const json of lists) {
      const found = violationsOf(json);
      assert.equal(found.length, LIMITS.violationsMax);
      for (const { field = "", description } of found)
        assert.ok(field.length <= 100 && description.length < 300);
    }
  });
});

test("bodyViolations() finds mistakes below many levels, and reads each value only a few times", () => {
  let bottom: JsonValue = { tags: [...Array.from({ length: 2_000 }, () => "t"), 1], labels: { a: "b" } };
  let reads = 0;
  // Every reading asks for its keys.
  const counted = new Proxy(bottom, { ownKeys: (json) => (reads++, Reflect.ownKeys(json)) });
  bottom = counted as JsonValue;
  for (let level = 0; level < 25; level++) bottom = { author: { givenName: "g" }, sequels: [bottom] };
  const path = `${"sequels[0].".repeat(25)}tags[2000]`;
  assert.deepEqual(
    violationsOf(bottom).map(({ field }) => field),
    [path],
  );
  assert.ok(reads < 12, `${reads} readings`);
});

test("invalidText() names type and value", () => {
  const [field] = book.fields;
  assert.ok(field !== undefined);
  assert.equal(invalidText("name", field, "x"), `Invalid value at 'name' (TYPE_STRING), "x"`);
});
