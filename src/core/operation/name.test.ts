import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { StatusError } from "../error/error.ts";
import { checkParent, formatName, parseCollection, parseName } from "./name.ts";

describe("parseName()", () => {
  const table: [string, { parent: string; id: string } | undefined][] = [
    ["operations/x", { parent: "", id: "x" }],
    ["projects/p/locations/l/operations/x", { parent: "projects/p/locations/l", id: "x" }],
    // Contract section 1.7: ids are opaque and may contain dots, slashes and base64.
    [
      "operations/google.showcase.v1beta1.Echo/Wait/aGk+/==",
      { parent: "", id: "google.showcase.v1beta1.Echo/Wait/aGk+/==" },
    ],
    ["projects/p/operations/a/b", { parent: "projects/p", id: "a/b" }],
    // Contract section 6.3: google-gax appends the whole name to the collection.
    ["operations/projects/p/operations/g2", { parent: "projects/p", id: "g2" }],
    ["operations/operations/x", { parent: "", id: "x" }],
    ["operations", undefined],
    ["operations/", undefined],
    ["projects/p", undefined],
    ["", undefined],
    ["/operations/x", undefined],
    ["projects//operations/x", undefined],
  ];
  for (const [text, expected] of table) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () =>
      assert.deepEqual(parseName(text), expected));
  }

  it("reads every text like a reference that splits it at its slashes", () => {
    const segment = fc.constantFrom("", "a", "operations", "operations:x", "b");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 7 }), (segments) => {
        const isRepeated =
          segments[0] === "operations" &&
          segments.includes("operations", 1) &&
          segments.at(-1) !== "operations";
        const inner = isRepeated ? segments.slice(1) : segments;
        const at = inner.indexOf("operations");
        const isName = at !== -1 && at < inner.length - 1 && !segments.includes("");
        const expected = { parent: inner.slice(0, at).join("/"), id: inner.slice(at + 1).join("/") };
        assert.deepEqual(parseName(segments.join("/")), isName ? expected : undefined);
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads back every name that formatName() writes", () => {
    const segment = fc.stringMatching(/^[a-z0-9.=+-]{1,8}$/).filter((text) => text !== "operations");
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 4 }), segment, (parent, id) => {
        const name = { parent: parent.join("/"), id };
        assert.deepEqual(parseName(formatName(name)), name);
      }),
    );
  });
});

describe("parseCollection()", () => {
  it("understands the four shapes of a list's name", () => {
    assert.equal(parseCollection(""), "");
    assert.equal(parseCollection("operations"), "");
    assert.equal(parseCollection("projects/p"), "projects/p");
    assert.equal(parseCollection("projects/p/operations"), "projects/p");
  });
});

describe("checkParent()", () => {
  it("returns a valid parent, in normal form C", () => {
    assert.equal(checkParent("projects/p/locations/-"), "projects/p/locations/-");
    assert.equal(checkParent("projects/e\u0301"), "projects/\u00e9");
    // 800 characters in 1,100 code units.
    const mixed = "😀".repeat(300) + "x".repeat(500);
    assert.equal(checkParent(mixed), mixed);
  });

  for (const bad of [
    "/projects/p",
    "projects/p/",
    "a//b",
    "a/operations/b",
    "a b",
    "a:b",
    'a"b',
    "a\u0000b",
    "x".repeat(1_025),
    "語".repeat(700),
    "\u0958".repeat(400),
    "x".repeat(1_000_000),
    "..",
    "projects/../p",
    "projects/.",
    "a\u202eb",
    "a\u200bb",
    "\ufeffa",
    "a\u0085b",
    "a\ud800",
  ]) {
    it(`refuses ${JSON.stringify(bad.slice(0, 20))} with NAME_INVALID`, () => {
      assert.throws(
        () => checkParent(bad),
        (error: unknown) =>
          error instanceof StatusError &&
          error.reason === "NAME_INVALID" &&
          error.code === "INVALID_ARGUMENT",
      );
    });
  }

  it("names the invalid character or segment", () => {
    assert.throws(
      () => checkParent("a\u202eb"),
      /: it has the character U\+202E, which names cannot have\.$/,
    );
    assert.throws(() => checkParent("a/../b"), /: "\.\." cannot be a segment/);
    assert.equal(checkParent("a/...b./c"), "a/...b./c");
  });
});
