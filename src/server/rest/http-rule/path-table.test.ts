import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../../../test/support/any-character.ts";
import { parseTemplate, type Template } from "../../../protos/http-rule/template.ts";
import { decodeAll, decodeButSlashes } from "../percent-encoding.ts";
import { PathTable } from "./path-table.ts";

const TEMPLATES = [
  "GET /v1/shelves",
  "GET /v1/shelves/{shelf}",
  "GET /v1/shelves/main",
  "GET /v1/{name=shelves/*/books/*}",
  "POST /v1/{name=shelves/*/books/*}:scan",
  "POST /v1/{name=shelves/main/books/*}:scan",
  "DELETE /v1/{name=shelves/main/**}",
  "GET /v1/{name=**}",
  "GET /v1/{name=**}/pages",
  "GET /v1/{name=**}/old/pages",
  "GET /v1/{name=**/pages/*}",
  "GET /v1/{name=**/pages/*}/{other}",
  "POST /v1/{name=**}:act",
  "* /v1/any/{x}",
  "GET /v1/any/{x}",
  "GET /v1/caf%C3%A9",
];

function tableOf(lines: readonly string[]): PathTable<string> {
  const table = new PathTable<string>();
  for (const line of lines) {
    const [method = "", text = ""] = line.split(" ");
    table.add(method, parseTemplate(text), line);
  }
  return table;
}

suite("PathTable", () => {
  const cases: readonly (readonly [call: string, line: string | undefined, ...values: string[]])[] = [
    ["GET /v1/shelves", "GET /v1/shelves"],
    ["GET /v1/shelves/a", "GET /v1/shelves/{shelf}", "a"],
    ["GET /v1/shelves/a%2Fb", "GET /v1/shelves/{shelf}", "a%2Fb"],
    ["GET /v1/shelves/main", "GET /v1/shelves/main"],
    ["GET /v1/shelves/", "GET /v1/{name=**}", "shelves/"],
    ["GET /v1/shelves/a/books/b", "GET /v1/{name=shelves/*/books/*}", "shelves/a/books/b"],
    ["GET /v1/shelves/a/books/b:c", "GET /v1/{name=shelves/*/books/*}", "shelves/a/books/b:c"],
    ["GET /v1/shelves/a/books/b:", "GET /v1/{name=shelves/*/books/*}", "shelves/a/books/b:"],
    ["POST /v1/shelves/a/books/b:scan", "POST /v1/{name=shelves/*/books/*}:scan", "shelves/a/books/b"],
    ["POST /v1/shelves/a/books/b:c:scan", "POST /v1/{name=shelves/*/books/*}:scan", "shelves/a/books/b:c"],
    ["POST /v1/shelves/a/books/b%3Ascan", undefined],
    [
      "POST /v1/shelves/main/books/b:scan",
      "POST /v1/{name=shelves/main/books/*}:scan",
      "shelves/main/books/b",
    ],
    ["DELETE /v1/shelves/main", "DELETE /v1/{name=shelves/main/**}", "shelves/main"],
    ["DELETE /v1/shelves/main/x/y", "DELETE /v1/{name=shelves/main/**}", "shelves/main/x/y"],
    ["GET /v1", "GET /v1/{name=**}", ""],
    ["GET /v1/a/b/pages", "GET /v1/{name=**}/pages", "a/b"],
    ["GET /v1/pages", "GET /v1/{name=**}/pages", ""],
    ["GET /v1/a/old/pages", "GET /v1/{name=**}/old/pages", "a"],
    ["GET /v1/a/b/pages/7", "GET /v1/{name=**/pages/*}", "a/b/pages/7"],
    ["GET /v1/pages/7", "GET /v1/{name=**/pages/*}", "pages/7"],
    ["GET /v1/a/pages/", "GET /v1/{name=**}", "a/pages/"],
    ["GET /v1/a/pages/7/8", "GET /v1/{name=**/pages/*}/{other}", "a/pages/7", "8"],
    ["GET /v1/a/pages/pages", "GET /v1/{name=**/pages/*}", "a/pages/pages"],
    ["POST /v1/a/b:act", "POST /v1/{name=**}:act", "a/b"],
    ["POST /v1/a/b:other", undefined],
    ["PUT /v1/any/1", "* /v1/any/{x}", "1"],
    ["GET /v1/any/1", "GET /v1/any/{x}", "1"],
    ["GET /v1/caf%c3%a9", "GET /v1/caf%C3%A9"],
    ["GET /v1/%ff", "GET /v1/{name=**}", "%ff"],
    ["GET /v2/shelves", undefined],
    ["GET *", undefined],
  ];
  for (const [call, line, ...values] of cases) {
    test(`leads ${call} to ${line ?? "nothing"}`, () => {
      const [method = "", path = ""] = call.split(" ");
      const found = tableOf(TEMPLATES).find(method, path);
      assert.deepEqual(found, line === undefined ? undefined : { value: line, values });
      // The order of declarations does not matter.
      assert.deepEqual(tableOf(TEMPLATES.toReversed()).find(method, path), found);
    });
  }

  test("knows the methods at a path", () => {
    const table = tableOf(TEMPLATES);
    assert.deepEqual(table.methodsAt("/v1/shelves/main"), ["DELETE", "GET"]);
    assert.deepEqual(table.methodsAt("/v1/shelves/a/books/b:scan"), ["GET", "POST"]);
    assert.deepEqual(table.methodsAt("/v2"), []);
  });

  test("finds an existing binding at an address, whatever its variables are called", () => {
    const table = tableOf(["GET /v1/{a=x/*}"]);
    assert.equal(table.add("GET", parseTemplate("/v1/x/{b}"), "other")?.value, "GET /v1/{a=x/*}");
    assert.equal(table.add("PUT", parseTemplate("/v1/x/{b}"), "other"), undefined);
  });

  test("answers a hostile path quickly: no place is visited twice", () => {
    const wide = ["a", "b"].flatMap((x) =>
      ["a", "*"].flatMap((y) => ["a", "*"].map((z) => `GET /${x}/${y}/${z}/{n=**}/end`)),
    );
    const table = tableOf([...TEMPLATES, ...wide]);
    const began = process.threadCpuUsage();
    for (let round = 0; round < 100; round++) {
      table.find("GET", "/a".repeat(8_000));
      table.find("POST", `/v1${"/:".repeat(8_000)}`);
    }
    const { user, system } = process.threadCpuUsage(began);
    assert.ok(user + system < 5_000_000, `took ${user + system} µs of processor time`);
  });
});

/** A template of random segments, with a matching path and the expected values of its variables. */
interface Sample {
  readonly text: string;
  readonly path: string;
  readonly values: readonly string[];
}

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,5}$/);
const value = fc
  .string({ minLength: 1, maxLength: 8, unit: anyCharacter })
  .filter((text) => text.isWellFormed());
const segment = fc.oneof(
  word.map((text) => ({ template: text, single: text })),
  value.map((text) => ({ template: "*", single: text })),
);
const part = fc.oneof(
  {
    weight: 2,
    arbitrary: word.map((text) => ({ template: text, path: text, values: [] as string[], bound: false })),
  },
  {
    weight: 1,
    arbitrary: value.map((text) => ({
      template: "{}",
      path: encodeURIComponent(text),
      values: [text],
      bound: true,
    })),
  },
  {
    weight: 1,
    arbitrary: fc.array(segment, { minLength: 2, maxLength: 4 }).map((all) => ({
      template: `{=${all.map(({ template }) => template).join("/")}}`,
      path: all.map(({ single }) => encodeURIComponent(single)).join("/"),
      // Values of several segments keep their encoded slashes.
      values: [all.map(({ single }) => single.replaceAll("/", "%2F")).join("/")],
      bound: true,
    })),
  },
);
const sample: fc.Arbitrary<Sample> = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 5 }), fc.option(word, { nil: undefined }))
  .map(([parts, verb]) => {
    const ending = verb === undefined ? "" : `:${verb}`;
    const named = parts.map(({ template }, index) => template.replace("{", `{f${index}`));
    return {
      text: `/${named.join("/")}${ending}`,
      path: `/${parts.map(({ path }) => path).join("/")}${ending}`,
      values: parts.flatMap(({ values }) => values),
    };
  });

function decodedValues(template: Template, values: readonly string[]): readonly string[] {
  return template.variables.map(({ isSingle }, index) =>
    isSingle ? decodeAll(values[index] ?? "") : decodeButSlashes(values[index] ?? ""),
  );
}

test("any path made from a template leads back to it, and its variables to their values", () => {
  fc.assert(
    fc.property(sample, ({ text, path, values }) => {
      const template = parseTemplate(text);
      const table = new PathTable<string>();
      table.add("GET", template, text);
      const found = table.find("GET", path);
      assert.equal(found?.value, text);
      assert.deepEqual(decodedValues(template, found.values), values);
    }),
    { numRuns: 500 },
  );
});

test("any path leads to the same template, in whatever order they were added", () => {
  const templates = fc.uniqueArray(
    sample.map(({ text }) => text),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(
      templates,
      fc.oneof(
        sample.map(({ path }) => path),
        fc.webPath(),
      ),
      (texts, path) => {
        const distinct = new PathTable<string>();
        const lines = texts.filter((text) => distinct.add("GET", parseTemplate(text), text) === undefined);
        const found = distinct.find("GET", path)?.value;
        assert.equal(
          tableOf(lines.toReversed().map((text) => `GET ${text}`)).find("GET", path)?.value,
          found && `GET ${found}`,
        );
      },
    ),
  );
});
