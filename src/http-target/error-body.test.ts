import assert from "node:assert/strict";
import { test } from "node:test";
import { isJson, toldError } from "./error-body.ts";

const JSON_TYPE = "application/json";

/** The code and message in a body. */
function told(body: unknown, type = JSON_TYPE, status = 400): readonly unknown[] | undefined {
  const error = toldError(status, type, typeof body === "string" ? body : JSON.stringify(body));
  return error && [error.code, error.message];
}

test("Google's errors, a bare Status and problem details are read", () => {
  for (const [body, expected] of [
    [{ error: { code: 404, status: "NOT_FOUND", message: "No." } }, ["NOT_FOUND", "No."]],
    [{ error: { status: "ABORTED", message: "No." } }, ["ABORTED", "No."]],
    // Without the name of a code, a number above 16 is an HTTP status, and the answer's own status
    // is used.
    [{ error: { code: 404, message: "No." } }, ["INVALID_ARGUMENT", "No."]],
    [{ code: 5, message: "No." }, ["NOT_FOUND", "No."]],
    [{ code: 99, message: "No.", status: "ODD" }, ["INVALID_ARGUMENT", "No."]],
  ] as const)
    assert.deepEqual(told(body), expected);
  const problem = "application/problem+json";
  assert.deepEqual(told({ title: "Too wide" }, problem, 422), ["FAILED_PRECONDITION", "Too wide"]);
  assert.deepEqual(told({ title: "T", detail: "D", status: 200 }, problem, 503), ["UNAVAILABLE", "D"]);
});

test("everything else is ignored, and does no harm", () => {
  for (const body of [
    "",
    "{",
    "null",
    "[]",
    '"no"',
    { message: "No." },
    { error: "No." },
    { error: { status: "OK", message: "No." } },
    { error: { code: 404, status: "NOT_FOUND" } },
    { error: { code: 404, message: { text: "No." } } },
    "[".repeat(65_536),
  ])
    assert.equal(told(body), undefined, JSON.stringify(body).slice(0, 80));
  assert.equal(told({ code: 5, message: "No." }, "text/html"), undefined);
  assert.equal(told({ status: 400 }, "application/problem+json"), undefined);
  const odd = { error: { code: 0, message: "No.", details: [null, 1, "a", {}, { "@type": "a.b/c" }, []] } };
  assert.deepEqual(toldError(500, JSON_TYPE, JSON.stringify(odd))?.details, [{ "@type": "a.b/c" }]);
});

test("JSON is recognised by its media type", () => {
  for (const type of [JSON_TYPE, "application/problem+json", "application/vnd.a.b-c+json"])
    assert.ok(isJson(type));
  for (const type of ["", "text/json", "application/jsonp", "application/x-ndjson", "application/+json"])
    assert.ok(!isJson(type), type);
});
