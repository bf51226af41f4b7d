import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { readDocument } from "../../forms/document.ts";
import type { Mistake } from "../../forms/entry.ts";
import { Bundle } from "./bundle.ts";
import { SchemaCompiler } from "./compiler.ts";
import { Files, METHODS_DOCUMENT } from "./files.ts";
import { SchemaReader } from "./reader.ts";

const reader = new SchemaReader(new SchemaCompiler());
const folder = mkdtempSync(join(tmpdir(), "longrunning-bundle-"));
after(() => rmSync(folder, { recursive: true }));

/** The bundle of a schema with some files, and the mistakes. */
async function bundled(
  source: string,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly schema: unknown; readonly told: readonly string[] }> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const mistakes: Mistake[] = [];
  const entry = await readDocument(source, { ...METHODS_DOCUMENT, file: "m.yaml", mistakes });
  assert.ok(entry);
  const schema = await new Bundle(new Files(mistakes), reader).of(entry, { shown: "m.yaml", folder });
  return {
    schema,
    told: mistakes.map(({ file, line, column, message }) => `${file}:${line}:${column}: ${message}`),
  };
}

describe("a schema with everything that it refers to", () => {
  it("keeps references to itself", async () => {
    const source =
      "{ properties: { a: { $ref: '#/$defs/A' }, b: { $ref: '#' } }, $defs: { A: { type: string } } }";
    const { schema, told } = await bundled(source);
    assert.deepEqual(told, []);
    assert.deepEqual(schema, {
      properties: { a: { $ref: "#/$defs/A" }, b: { $ref: "#" } },
      $defs: { A: { type: "string" } },
    });
  });

  it("has the contents of other files in its $defs, once, under unique names", async () => {
    const { schema, told } = await bundled(
      "{ properties: { a: { $ref: 'one.json#/$defs/A' }, b: { $ref: 'two.yaml' }, c: { $ref: '#/$defs/A' } }, $defs: { A: {} } }",
      {
        "one.json":
          '{ "$defs": { "A": { "items": { "$ref": "#/$defs/A" } }, "B": { "$ref": "two.yaml#/properties/x" } } }',
        "two.yaml": "properties: { x: { $ref: 'one.json#/$defs/A' }, y: { $ref: '#' } }",
      },
    );
    assert.deepEqual(told, []);
    assert.deepEqual(schema, {
      properties: { a: { $ref: "#/$defs/A2" }, b: { $ref: "#/$defs/two" }, c: { $ref: "#/$defs/A" } },
      $defs: {
        A: {},
        A2: { items: { $ref: "#/$defs/A2" } },
        two: { properties: { x: { $ref: "#/$defs/A2" }, y: { $ref: "#/$defs/two" } } },
      },
    });
  });

  it("is the target itself if it is only a reference", async () => {
    const file =
      "type: object\nproperties: { next: { $ref: '#' }, a: { $ref: '#/$defs/A' } }\n$defs: { A: { type: 'null' } }\n";
    const whole = await bundled("$ref: whole.yaml", { "whole.yaml": file });
    assert.deepEqual(whole, {
      schema: {
        type: "object",
        properties: { next: { $ref: "#" }, a: { $ref: "#/$defs/A" } },
        $defs: { A: { type: "null" } },
      },
      told: [],
    });
    const part = await bundled("$ref: 'part.yaml#/$defs/B'", {
      "part.yaml":
        "$defs: { A: { type: object }, B: { properties: { a: { $ref: '#/$defs/A' }, b: { $ref: '#/$defs/B' } } } }",
    });
    assert.deepEqual(part.schema, {
      properties: { a: { $ref: "#/$defs/A" }, b: { $ref: "#" } },
      $defs: { A: { type: "object" } },
    });
  });

  for (const [what, source, told] of [
    [
      "an address",
      "$ref: 'https://example.com/a.json'",
      /^m\.yaml:1:7: expected a file beside .*nothing is fetched$/,
    ],
    [
      "an anchor",
      "items: { $ref: '#here' }",
      /^m\.yaml:1:16: expected a place such as "#\/\$defs\/Disk", got "#here"$/,
    ],
    ["what is no text", "items: { $ref: 5 }", /^m\.yaml:1:16: expected a reference such as .*, got 5$/],
    ["no file", "$ref: none.yaml", /^m\.yaml:1:7: "none\.yaml" cannot be read: ENOENT/],
    [
      "no place",
      "{ items: { $ref: '#/$defs/A' }, $defs: { B: {} } }",
      /^m\.yaml:1:18: there is no "\/\$defs\/A" in m\.yaml \(did you mean "B"\?\)$/,
    ],
    [
      "a file with a mistake",
      "$ref: bad.yaml",
      /^bad\.yaml:2:1: JSON Schema has no keyword "titel" \(did you mean "title"\?\)$/,
    ],
    ["a file that is none", "$ref: cut.yaml", /^cut\.yaml:1:\d+: Flow/],
    ["files that refer in a circle", "$ref: circle.yaml", /refer to each other and to nothing else$/],
  ] as const)
    it(`reports a reference to ${what}`, async () => {
      const files = {
        "bad.yaml": "type: object\ntitel: x\n",
        "cut.yaml": "a: [",
        "circle.yaml": "$ref: circle.yaml",
      };
      const found = await bundled(source, files);
      assert.equal(found.told.length, 1, found.told.join("\n"));
      assert.match(found.told[0] ?? "", told);
    });

  for (const [what, source, told] of [
    ["no schema", "items: 5", "1:8: expected a JSON Schema, got 5"],
    ["a keyword of OpenAPI", "nullable: true", '1:1: "nullable" is not read: write type: [string, "null"]'],
    [
      "another dialect",
      "$schema: http://json-schema.org/draft-07/schema#",
      /^1:10: expected ".*2020-12.*", got ".*draft-07/,
    ],
    ["an address inside", "items: { $id: a }", '1:10: "$id" is read at the root of a schema alone'],
    ["no list", "allOf: {}", "1:8: expected a list of JSON Schemas, got a mapping"],
    ["no names", "properties: []", "1:13: expected JSON Schemas by names, got a list"],
    [
      "a format that there is not",
      "format: e-mail",
      '1:9: there is no format "e-mail" (did you mean "email"?)',
    ],
    [
      "a pattern that looks back",
      "pattern: (a)\\1",
      /^1:10: expected a pattern of RE2, which has no .* and \\1: /,
    ],
    ["a pattern of names", "patternProperties: { '(': {} }", /^1:22: expected a pattern of RE2/],
    ["a value that the keyword cannot have", "minLength: -1", "1:12: must be at least 0, got -1"],
  ] as const)
    it(`reports ${what}`, async () => {
      const found = await bundled(source);
      assert.equal(found.told.length, 1, found.told.join("\n"));
      if (typeof told === "string") assert.equal(found.told[0], `m.yaml:${told}`);
      else assert.match((found.told[0] ?? "").slice("m.yaml:".length), told);
    });

  it("accepts the user's own names, and an address at its root", async () => {
    const { schema, told } = await bundled(
      "{ $id: 'https://example.com/a', x-owner: ops, type: object, items: true }",
    );
    assert.deepEqual([schema, told], [{ type: "object", items: true }, []]);
  });

  it("reads no more files than the limit", async () => {
    const refs = Array.from({ length: 101 }, (_, at) => `{ $ref: f${at}.yaml }`);
    const files = Object.fromEntries(refs.map((_, at) => [`f${at}.yaml`, "type: object"]));
    const { told } = await bundled(`allOf: [${refs.join(", ")}]`, files);
    assert.deepEqual(
      told.map((each) => each.replace(/^.*?: /, "")),
      ["there are more than 100 files beside the file of methods"],
    );
  });
});
