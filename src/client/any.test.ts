import assert from "node:assert/strict";
import { test } from "node:test";
import { plainValue } from "./any.ts";

const PREFIX = "type.googleapis.com/";

const cases: [string, unknown, unknown][] = [
  ["a Struct", { "@type": `${PREFIX}google.protobuf.Struct`, value: { a: 1 } }, { a: 1 }],
  ["a Duration", { "@type": `${PREFIX}google.protobuf.Duration`, value: "3s" }, "3s"],
  ["an Empty", { "@type": `${PREFIX}google.protobuf.Empty` }, null],
  ["an Empty with value, as some write it", { "@type": `${PREFIX}google.protobuf.Empty`, value: {} }, null],
  ["any other message", { "@type": `${PREFIX}example.Thing`, value: 1, b: 2 }, { value: 1, b: 2 }],
  ["nothing", undefined, null],
];

for (const [what, any, plain] of cases) {
  test(`plainValue() unwraps ${what}`, () => assert.deepEqual(plainValue(any), plain));
}
