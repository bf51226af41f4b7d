import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import type { ErrorDetail } from "../../core/error/details.ts";
import { writeAny, writeAnyOfJson } from "./any.ts";
import { STANDARD_TYPES } from "./registry.ts";
import { type Writer, written } from "./writer.ts";

const URL = "type.googleapis.com";

/** The JSON that a client reads from the bytes. */
function read(write: (writer: Writer) => void): unknown {
  return toJson(AnySchema, fromBinary(AnySchema, written(write)), { registry: STANDARD_TYPES });
}

const detail = (json: ErrorDetail): unknown => read((writer) => writeAnyOfJson(writer, json, STANDARD_TYPES));

suite("writeAnyOfJson()", () => {
  test("knows error details, well-known types and an Any within an Any", () => {
    const known: readonly ErrorDetail[] = [
      { "@type": `${URL}/google.rpc.ErrorInfo`, reason: "R", domain: "d" },
      { "@type": `${URL}/google.rpc.LocalizedMessage`, locale: "de-CH", message: "Grüezi" },
      { "@type": `${URL}/google.protobuf.Duration`, value: "1.500s" },
      { "@type": `${URL}/google.protobuf.Int64Value`, value: "9007199254740993" },
      { "@type": `${URL}/google.protobuf.Any`, value: { "@type": `${URL}/google.protobuf.Empty` } },
    ];
    for (const json of known) assert.deepEqual(detail(json), json);
  });

  test("sends unknown types, and values that do not match their type, as a Struct of the whole (contract 1.6)", () => {
    const odd: readonly ErrorDetail[] = [
      { "@type": `${URL}/example.Unknown`, a: [1, null, { b: true }] },
      { "@type": `${URL}/google.rpc.RetryInfo`, retryDelay: "soon" },
      { "@type": `${URL}/google.rpc.ErrorInfo`, reasons: ["R"] },
      { "@type": `${URL}/google.protobuf.Duration` },
      { "@type": "" },
    ];
    for (const json of odd)
      assert.deepEqual(detail(json), { "@type": `${URL}/google.protobuf.Struct`, value: json });
  });
});

test("writeAny() gives an Empty no value", () => {
  const empty = { type: "google.protobuf.Empty", json: "{}" };
  const { typeUrl, value } = fromBinary(
    AnySchema,
    written((writer) => writeAny(writer, empty, STANDARD_TYPES)),
  );
  assert.deepEqual([typeUrl, value.length], [`${URL}/google.protobuf.Empty`, 0]);
});
