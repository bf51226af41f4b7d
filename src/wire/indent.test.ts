import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { escapeJson } from "../core/value/escape-json.ts";
import { indentJson } from "./indent.ts";

suite("indentJson()", () => {
  test("writes the same as JSON.stringify with two spaces, and a newline (contract 3.2)", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        const value: unknown = JSON.parse(json);
        assert.equal(indentJson(JSON.stringify(value)), `${JSON.stringify(value, null, 2)}\n`);
      }),
    );
  });

  test("keeps the meaning with the escapes, and accepts text that is not compact (contract 3.2)", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.constantFrom(0, 1, 4, "\t"),
        (value, space) => {
          const text = JSON.stringify(value, null, space);
          const written = escapeJson(indentJson(text));
          assert.deepEqual(JSON.parse(written), JSON.parse(text));
          assert.equal(written, escapeJson(`${JSON.stringify(value, null, 2)}\n`));
        },
      ),
    );
  });

  const cases = [
    {
      sentence: "keeps empty objects and arrays in one piece",
      text: '{"a":{},"b":[ ]}',
      expected: '{\n  "a": {},\n  "b": []\n}\n',
    },
    {
      sentence: "leaves brackets in strings alone",
      text: '{"a":"{[,:]}"}',
      expected: '{\n  "a": "{[,:]}"\n}\n',
    },
    {
      sentence: "sees where a string ends",
      text: '["\\\\","\\"]"]',
      expected: '[\n  "\\\\",\n  "\\"]"\n]\n',
    },
    { sentence: "leaves numbers as they are", text: "[1e3,-0.50]", expected: "[\n  1e3,\n  -0.50\n]\n" },
    { sentence: "ends a scalar with a newline", text: "true", expected: "true\n" },
  ];
  for (const { sentence, text, expected } of cases) {
    test(sentence, () => assert.equal(indentJson(text), expected));
  }
});
