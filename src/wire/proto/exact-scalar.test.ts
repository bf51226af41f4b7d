import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ScalarType } from "@bufbuild/protobuf";
import * as fc from "fast-check";
import { durationJson, InexactError, scalarJson, timestampJson } from "./exact-scalar.ts";

const { INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, BYTES, STRING, BOOL } = ScalarType;

const taken: readonly (readonly [ScalarType, unknown, unknown])[] = [
  [INT32, -2147483648, -2147483648],
  [INT32, "5", 5],
  [INT32, "1e2", 100],
  [INT32, 1.0, 1],
  [UINT32, "4294967295", 4294967295],
  [INT64, "-9223372036854775808", "-9223372036854775808"],
  [INT64, 2n ** 63n - 1n, "9223372036854775807"],
  [INT64, 9007199254740991, "9007199254740991"],
  [UINT64, "18446744073709551615", "18446744073709551615"],
  [INT64, "-0", "0"],
  [FLOAT, "1.5", 1.5],
  [DOUBLE, "-1e308", -1e308],
  [DOUBLE, Number.NaN, "NaN"],
  [DOUBLE, "-Infinity", "-Infinity"],
  [FLOAT, 0.1, 0.1],
  [BYTES, new Uint8Array([1, 2]), "AQI="],
  [BYTES, "AQI", "AQI"],
  [BYTES, "_-8=", "_-8="],
  [BYTES, "", ""],
  [STRING, "a\0😀", "a\0😀"],
  [BOOL, false, false],
];

const refused: readonly (readonly [ScalarType, unknown])[] = [
  ...[
    "",
    " 5",
    "5 ",
    "+5",
    "05",
    "0x10",
    "0b1",
    "1_0",
    "1.5",
    "Infinity",
    "5n",
    true,
    {},
    [],
    1.5,
    Number.NaN,
  ].flatMap((value) => [INT32, INT64, UINT64].map((scalar) => [scalar, value] as const)),
  [INT32, 2147483648],
  [UINT32, -1],
  [INT64, "9223372036854775808"],
  [INT64, 2n ** 63n],
  [UINT64, "-1"],
  [INT64, 9007199254740992],
  [INT64, "1e30"],
  ...["", " 1", "1.", ".5", "+1", "0x10", "1e400", "-1e400", "nan", "inf", true, {}].map(
    (value) => [DOUBLE, value] as const,
  ),
  [FLOAT, 3.5e38],
  [FLOAT, "-3.5e38"],
  ...["A", "AQI==", "AQ=I", "A Q I", "AQI\n", "AR==", "AQJ", "AQI!", "+_AA", 5, {}].map(
    (value) => [BYTES, value] as const,
  ),
  [STRING, "a\uD800"],
  [STRING, 5],
  [BOOL, "true"],
  [BOOL, 1],
];

describe("scalarJson()", () => {
  for (const [scalar, value, json] of taken) {
    it(`accepts ${String(value)} for ${ScalarType[scalar]}`, () =>
      assert.deepEqual(scalarJson(scalar, value), json));
  }

  for (const [scalar, value] of refused) {
    it(`refuses ${JSON.stringify(value, (_, each: unknown) => String(each))} for ${ScalarType[scalar]}`, () => {
      assert.throws(() => scalarJson(scalar, value), InexactError);
    });
  }

  it("accepts a large number as it was written", () => {
    assert.equal(scalarJson(INT64, 9007199254740992, "9007199254740993"), "9007199254740993");
    assert.throws(() => scalarJson(INT64, 1e19, "10000000000000000000"), /from -9223372036854775808 to/);
    assert.throws(() => scalarJson(INT64, 9007199254740992, "9007199254740992.5"), /write it as a text/);
  });

  it("keeps all bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = scalarJson(BYTES, bytes) as string;
        assert.deepEqual(new Uint8Array(Buffer.from(text, "base64")), bytes);
        assert.equal(scalarJson(BYTES, text), text);
        const url = Buffer.from(bytes).toString("base64url");
        assert.equal(scalarJson(BYTES, url), url);
      }),
    );
  });
});

describe("timestampJson()", () => {
  for (const text of [
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999999999Z",
    "2024-02-29T23:59:59+23:59",
    "2000-02-29T00:00:00.1-00:30",
  ])
    it(`accepts ${text}`, () => assert.equal(timestampJson(text), text));

  for (const text of [
    "2026-02-30T12:00:00Z",
    "2026-02-29T12:00:00Z",
    "1900-02-29T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-00-01T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-01-01T24:00:00Z",
    "2026-01-01T12:60:00Z",
    "2016-12-31T23:59:60Z",
    "2026-01-01T12:00:00",
    "2026-01-01T12:00:00+24:00",
    "2026-01-01T12:00:00+01:60",
    "2026-01-01T12:00:00+0100",
    "2026-01-01t12:00:00z",
    "2026-01-01 12:00:00Z",
    "2026-01-01T12:00:00.Z",
    "2026-01-01T12:00:00.1234567890Z",
    "0000-12-31T23:59:59Z",
    "0001-01-01T00:00:00+00:01",
    "9999-12-31T23:59:59-00:01",
    " 2026-01-01T12:00:00Z",
    "",
  ])
    it(`refuses "${text}"`, () => assert.throws(() => timestampJson(text), InexactError));
});

describe("durationJson()", () => {
  for (const text of ["0s", "-0.5s", "3.123456789s", "315576000000s", "-315576000000.000s", "1s"])
    it(`accepts ${text}`, () => assert.equal(durationJson(text), text));

  for (const text of [
    "3",
    "3ms",
    "3sX",
    "3s ",
    "+3s",
    "3.s",
    ".5s",
    "3.1234567890s",
    "1e3s",
    "315576000000.1s",
    "315576000001s",
    "",
    3,
  ])
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => durationJson(text), InexactError));
});
