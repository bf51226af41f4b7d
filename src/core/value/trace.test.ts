import assert from "node:assert/strict";
import { test } from "node:test";
import { parseTraceparent } from "./trace.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const span = "00f067aa0ba902b7";

test("parseTraceparent() reads what W3C Trace Context allows, and nothing else", () => {
  assert.deepEqual(parseTraceparent(`00-${trace}-${span}-01`), {
    traceId: trace,
    spanId: span,
    isSampled: true,
  });
  assert.equal(parseTraceparent(`00-${trace}-${span}-02`)?.isSampled, false);
  assert.equal(parseTraceparent(`cc-${trace}-${span}-03-more`)?.traceId, trace);
  const wrong = [
    "",
    trace,
    `00-${trace}-${span}-01-more`,
    `ff-${trace}-${span}-01`,
    `00-${trace.toUpperCase()}-${span}-01`,
    `00-${"0".repeat(32)}-${span}-01`,
    `00-${trace}-${"0".repeat(16)}-01`,
    `00-${trace}-${span}-1`,
    `00-${trace}-${span}-01\n`,
  ];
  for (const text of wrong) assert.equal(parseTraceparent(text), undefined, text);
});
