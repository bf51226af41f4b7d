import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { bodyKindOf, contentTypeOf, formParameters } from "./media-type.ts";

suite("bodyKindOf()", () => {
  const cases: [contentType: string | undefined, kind: string][] = [
    [undefined, "json"],
    ["", "json"],
    ["application/json", "json"],
    ["Application/JSON; charset=utf-8", "json"],
    ["application/problem+json", "json"],
    ["text/plain;charset=UTF-8", "json"],
    ["application/x-www-form-urlencoded", "form"],
    ['multipart/mixed; boundary="a"', "multipart"],
    ["text/xml", "other"],
    ["application/octet-stream", "other"],
  ];
  for (const [contentType, kind] of cases) {
    test(`${contentType} is ${kind} (contract 3.5)`, () => assert.equal(bodyKindOf(contentType), kind));
  }
});

test("contentTypeOf() lets $ct override the header (contract 3.2)", () => {
  assert.equal(contentTypeOf([["$ct", "application/json"]], "text/xml"), "application/json");
  assert.equal(contentTypeOf([["$ct", ""]], "text/xml"), "text/xml");
  assert.equal(contentTypeOf([], undefined), undefined);
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

suite("formParameters()", () => {
  test("reads a form like a query (contract 3.4)", () => {
    assert.deepEqual(formParameters(bytes("a=1&b=x+y%21\n")), [
      ["a", "1"],
      ["b", "x y!"],
    ]);
    assert.deepEqual(formParameters(bytes("")), []);
  });

  test("recognises the JSON that curl labels as a form", () => {
    assert.equal(formParameters(bytes(' {"a":1}')), undefined);
    assert.equal(formParameters(bytes("[]")), undefined);
  });
});
