import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "./limits.ts";
import {
  isSampled,
  keptTraceContext,
  readTraceContext,
  traceContextText,
  traceparentOf,
} from "./trace-context.ts";

const ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT = `00-${ID}-b7ad6b7169203331-01`;

const hex = (length: number): fc.Arbitrary<string> =>
  fc
    .string({
      unit: fc.constantFrom(...Array.from("0123456789abcdef")),
      minLength: length,
      maxLength: length,
    })
    .filter((text) => /[^0]/.test(text));

const visible = fc.string({ unit: fc.constantFrom(...Array.from("abz09=,_-@/ ")), maxLength: 700 });

suite("readTraceContext()", () => {
  test("reads what was written, with a tracestate that fits", () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.constantFrom("00", "01"), visible, (traceId, spanId, flags, text) => {
        const state = text.trimStart();
        const written = traceContextText({ traceId, spanId, flags, state });
        assert.ok(Buffer.byteLength(written) <= LIMITS.traceContextBytesMax);
        const fits = `${PARENT} ${state}`.length <= LIMITS.traceContextBytesMax;
        assert.deepEqual(readTraceContext(written), { traceId, spanId, flags, state: fits ? state : "" });
      }),
    );
  });

  test("a tracestate is kept whole, or not at all", () => {
    const room = LIMITS.traceContextBytesMax - PARENT.length - 1;
    for (const [length, isKept] of [
      [room, true],
      [room + 1, false],
      [5_000, false],
    ] as const) {
      const state = "a".repeat(length);
      const written = traceContextText({ traceId: ID, spanId: "b7ad6b7169203331", flags: "01", state });
      assert.equal(written, isKept ? `${PARENT} ${state}` : PARENT);
    }
  });

  test("reads nothing else", () => {
    for (const text of [
      null,
      "",
      PARENT.toUpperCase(),
      `ff${PARENT.slice(2)}`,
      `00-${"0".repeat(32)}-b7ad6b7169203331-01`,
      `00-${ID}-${"0".repeat(16)}-01`,
      `${PARENT}\n`,
      `${PARENT} `,
      `${PARENT} é=1`,
      `x${PARENT}`,
      `${PARENT}-more`,
      PARENT.slice(0, -1),
      `${PARENT}-${"a".repeat(LIMITS.traceContextBytesMax)}`,
    ])
      assert.equal(readTraceContext(text), undefined, JSON.stringify(text));
  });
});

suite("keptTraceContext()", () => {
  test("keeps a traceparent as this version writes it, and null for anything else", () => {
    assert.equal(keptTraceContext(PARENT), PARENT);
    assert.equal(keptTraceContext(`cc-${PARENT.slice(3)}-what-comes`), PARENT);
    assert.equal(keptTraceContext(undefined), null);
    assert.equal(keptTraceContext("00-abc-def-01"), null);
  });
});

test("traceparentOf() and isSampled() read the beginning and the end of a traceparent", () => {
  assert.deepEqual([PARENT, `${PARENT} a=1`, null].map(traceparentOf), [PARENT, PARENT, undefined]);
  assert.deepEqual(
    ["00", "01", "02", "03"].map((flags) => isSampled({ flags })),
    [false, true, false, true],
  );
});
