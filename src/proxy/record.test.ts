import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { anOperation } from "../testing/an-operation.ts";
import { KEPT_REQUEST, type KeptRequest, keptAnswerOf, keptRequestOf, targetText } from "./record.ts";

const GOOD: KeptRequest = { method: "POST", target: "/a?b=c", headers: [["accept", "*/*"]], body: "YQ==" };

/** The invalid fields. */
async function wrongIn(value: unknown): Promise<unknown[]> {
  const result = await KEPT_REQUEST["~standard"].validate(value);
  return (result.issues ?? []).map(({ path }) => path?.[0] ?? "");
}

suite("KEPT_REQUEST", () => {
  test("accepts everything that HTTP can send", async () => {
    assert.deepEqual(await wrongIn(GOOD), []);
    const body = Buffer.alloc(LIMITS.proxyRequestBytesMax).toString("base64");
    assert.deepEqual(await wrongIn({ ...GOOD, body, headers: [] }), []);
  });

  const wrong: [sentence: string, change: object, field: string][] = [
    ["an invalid method", { method: "GET /" }, "method"],
    ["CONNECT", { method: "CONNECT" }, "method"],
    ["an address of another server", { target: "http://other.example/" }, "target"],
    ["a line break in an address", { target: "/a\r\nx" }, "target"],
    ["a line break in a header", { headers: [["a", "b\r\nc: d"]] }, "headers"],
    ["a name with a space", { headers: [["a b", "c"]] }, "headers"],
    ["credentials", { headers: [["Authorization", "Bearer x"]] }, "headers"],
    ["headers that are no pairs", { headers: [["a"]] }, "headers"],
    ["too many headers", { headers: Array.from({ length: 300 }, () => ["a", "b"]) }, "headers"],
    ["a body that is no base64", { body: "abc" }, "body"],
    ["a body with a sign that base64 does not have", { body: "ab-dAAAA" }, "body"],
    ["a body with its end in the midst", { body: "aa==AAAA" }, "body"],
    ["a body of half a group", { body: "AAAAa===" }, "body"],
    ["a body that is too large", { body: "AAAA".repeat(LIMITS.proxyRequestBytesMax / 3 + 2) }, "body"],
    ["another field", { url: "/" }, "url"],
  ];
  for (const [sentence, change, field] of wrong) {
    test(`refuses ${sentence}`, async () => assert.deepEqual(await wrongIn({ ...GOOD, ...change }), [field]));
  }

  test("refuses values that are not objects", async () => assert.deepEqual(await wrongIn(null), [""]));
});

test("targetText() leaves the query out, and is no longer than a target may be", () => {
  assert.equal(targetText(GOOD), "POST /a");
  assert.equal(targetText({ method: "GET", target: "/\u00e9" }), "GET /?");
  assert.equal(targetText({ method: "GET", target: `/${"a".repeat(5_000)}` }).length, LIMITS.targetLengthMax);
});

test("a record returns the original values", () => {
  const answer = { status: 200, statusText: "OK", headers: [], body: "", sizeBytes: 0, sha256: "" };
  assert.deepEqual(keptRequestOf(anOperation({ request: JSON.stringify(GOOD) })), GOOD);
  assert.equal(keptAnswerOf(anOperation()), undefined);
  const response = { type: "google.protobuf.Struct", json: JSON.stringify(answer) };
  assert.deepEqual(keptAnswerOf(anOperation({ state: "SUCCEEDED", response, endTime: 1 })), answer);
});
