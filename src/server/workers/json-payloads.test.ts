import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { parseJson } from "../../core/value/number-source.ts";
import { JsonFields } from "../rest/json-fields.ts";
import { payloadOfFields, plainPayload } from "./json-payloads.ts";

const read = (text: string): ReturnType<typeof payloadOfFields> =>
  payloadOfFields(
    new JsonFields(parseJson(text), ["response", "responseAny"], { place: "all[0]" }),
    "response",
  );

suite("payloadOfFields()", () => {
  test("reads a plain object, a message, and one whose JSON is under value", () => {
    assert.equal(read("{}"), undefined);
    assert.deepEqual(read('{"response":{"a":[1,null]}}'), {
      type: "google.protobuf.Struct",
      json: '{"a":[1,null]}',
    });
    assert.deepEqual(read('{"responseAny":{"@type":"type.googleapis.com/acme.v1.Disk","size":"5"}}'), {
      type: "acme.v1.Disk",
      json: '{"size":"5"}',
    });
    assert.deepEqual(
      read('{"responseAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"5s"}}'),
      { type: "google.protobuf.Duration", json: '"5s"' },
    );
  });

  test("reports mistakes, with their places", () => {
    for (const [text, field, rule] of [
      ['{"response":{},"responseAny":{}}', "all[0].response", /set one of them/],
      ['{"responseAny":{}}', "all[0].responseAny.@type", /expected the type of a message/],
      ['{"responseAny":{"@type":5}}', "all[0].responseAny.@type", /expected the type/],
      ['{"responseAny":{"@type":"x/google.protobuf.Struct"}}', "all[0].responseAny.value", /got nothing/],
      ['{"response":{"a":[9007199254740993]}}', "all[0].response.a[0]", /cannot be kept exactly/],
      ['{"response":{"a":"\\ud800"}}', "all[0].response.a", /surrogate/],
      [`{"response":{"a":"${"x".repeat(LIMITS.payloadBytesMax)}"}}`, "all[0].response", /1048576 bytes/],
    ] as const) {
      assert.throws(
        () => read(text),
        (error: Error & { readonly metadata?: Readonly<Record<string, string>> }) => {
          assert.match(error.message, rule);
          assert.equal(error.metadata?.["field"], field);
          return true;
        },
      );
    }
  });
});

test("plainPayload() refuses numbers that JSON does not have", () => {
  assert.throws(() => plainPayload({ a: [Number.NaN] }, "response"), {
    reason: "CLAIM_INVALID",
    message: "Invalid value at 'response.a[0]': JSON has no NaN.",
  });
});
