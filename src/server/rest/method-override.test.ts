import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { overriddenMethod } from "./method-override.ts";
import { parseQuery } from "./query.ts";

suite("overriddenMethod()", () => {
  const cases: [method: string, query: string, header: string | undefined, expected: string][] = [
    ["POST", "", undefined, "POST"],
    ["POST", "", "GET", "GET"],
    ["POST", "", "PATCH", "PATCH"],
    ["POST", "", "PUT", "PUT"],
    ["POST", "", "delete", "DELETE"],
    ["POST", "", "", "POST"],
    ["POST", "$httpMethod=DELETE", undefined, "DELETE"],
    ["POST", "%24httpMethod=DELETE&$httpMethod=GET", "PUT", "DELETE"],
    ["GET", "$httpMethod=DELETE", "DELETE", "GET"],
    ["PUT", "", "DELETE", "PUT"],
  ];
  for (const [method, query, header, expected] of cases) {
    test(`${method} ?${query} with ${header} is ${expected} (contract 3.2, 3.4)`, () => {
      const headers = header === undefined ? {} : { "x-http-method-override": header };
      assert.equal(overriddenMethod(method, parseQuery(query), headers), expected);
    });
  }

  test("refuses unknown methods", () => {
    assert.throws(
      () => overriddenMethod("POST", [], { "x-http-method-override": "BREW" }),
      /^StatusError: Invalid method override: expected GET, POST, PUT, PATCH or DELETE, got "BREW"\.$/,
    );
  });
});
