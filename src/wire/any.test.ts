import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { EMPTY } from "../core/operation/payload.ts";
import { anyJson, typeUrl } from "./any.ts";

suite("anyJson()", () => {
  const cases = [
    {
      sentence: "puts a Struct under value (contract 1.6)",
      payload: { type: "google.protobuf.Struct", json: '{"path":"a.zip"}' },
      expected: '{"@type":"type.googleapis.com/google.protobuf.Struct","value":{"path":"a.zip"}}',
    },
    {
      sentence: "keeps value for an empty Struct (contract 1.6)",
      payload: { type: "google.protobuf.Struct", json: "{}" },
      expected: '{"@type":"type.googleapis.com/google.protobuf.Struct","value":{}}',
    },
    {
      sentence: "writes Empty without value, which Python refuses (contract 1.6)",
      payload: EMPTY,
      expected: '{"@type":"type.googleapis.com/google.protobuf.Empty"}',
    },
    {
      sentence: "puts a wrapper under value (contract 1.6)",
      payload: { type: "google.protobuf.BytesValue", json: '"AA=="' },
      expected: '{"@type":"type.googleapis.com/google.protobuf.BytesValue","value":"AA=="}',
    },
    {
      sentence: "writes the fields of any other message inline (contract 1.6)",
      payload: { type: "archive.v1.Archive", json: '{"path":"a.zip","size":"7"}' },
      expected: '{"@type":"type.googleapis.com/archive.v1.Archive","path":"a.zip","size":"7"}',
    },
    {
      sentence: "writes only the type of a message without fields (contract 1.6)",
      payload: { type: "archive.v1.Archive", json: "{}" },
      expected: '{"@type":"type.googleapis.com/archive.v1.Archive"}',
    },
  ];
  for (const { sentence, payload, expected } of cases) {
    test(sentence, () => assert.equal(anyJson(payload), expected));
  }
});

test("typeUrl() puts Google's prefix before the full name", () => {
  assert.equal(typeUrl("a.B"), "type.googleapis.com/a.B");
});
