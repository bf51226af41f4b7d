import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../test/support/any-character.ts";
import { anOperation } from "../testing/an-operation.ts";
import { fingerprintOf, generalText } from "./fingerprint.ts";
import { LIMITS } from "./limits.ts";
import type { Operation } from "./operation/operation.ts";
import { isStorable } from "./value/text.ts";

test("generalText() leaves out the parts that differ from one failure to the next", () => {
  for (const [text, general] of [
    ["Error: disk 7 of 12 is full (98.5 %)", "Error: disk ‹n› of ‹n› is full (‹n› %)"],
    ["no user 3f2504e0-4f89-41d3-9a0c-0305e82c3301", "no user ‹id›"],
    ["commit 9fceb02d0ae598e95dc970b74767f19372d61af8 is gone", "commit ‹id› is gone"],
    ["pointer 0xDEADBEEF01", "pointer ‹id›"],
    [`cannot read "a 1" and 'b' and \`c\``, "cannot read ‹text› and ‹text› and ‹text›"],
    ["we can't and won't", "we can't and won't"],
    ["ENOENT: no such file, open /var/lib/app/7.json", "ENOENT: no such file, open ‹path›"],
    ["GET https://example.com/a/1?b=2 failed", "GET ‹path› failed"],
    ["C:\\data\\x.txt is gone", "‹path› is gone"],
    ["either/or", "either/or"],
    ["defaced facade", "defaced facade"],
    ["first line 1\nsecond line", "first line ‹n›"],
    ["  \n", ""],
  ] as const)
    assert.equal(generalText(text), general);
});

const texts = fc.oneof(
  fc.string({ unit: anyCharacter, maxLength: 2_000 }),
  fc
    .array(
      fc.constantFrom(
        ..."0123456789abcdef\"'`/\\.:- xyz‹›“”()\0\ud800".split(""),
        "deadbeef",
        "‹n›",
        "http://",
      ),
      { maxLength: 600 },
    )
    .map((parts) => parts.join("")),
);

test("a general text is short, can be stored, and does not change if it is generalised again", () => {
  fc.assert(
    fc.property(texts, (text) => {
      const general = generalText(text);
      assert.ok(general.length <= LIMITS.failureTextMax);
      assert.ok(isStorable(general));
      assert.doesNotMatch(general, /\d|\n/);
      assert.equal(generalText(general), general);
    }),
    { numRuns: 2_000 },
  );
});

const failed = (fields: Partial<Operation>): Operation =>
  anOperation({
    state: "FAILED",
    error: { code: "INTERNAL", message: "It failed 3 times.", details: [] },
    ...fields,
  });

const info = (reason: string) => ({
  "@type": "type.googleapis.com/google.rpc.ErrorInfo",
  reason,
  domain: "d",
});

test("failures are similar by method, code, reason and general text, and by nothing else", () => {
  const error = { code: "INTERNAL", message: "It failed.", details: [info("WORKER_LOST")] } as never;
  const one = fingerprintOf(failed({ exception: "Error: no 1\n  at a.ts:7", error }));
  assert.deepEqual(one, { key: one?.key, code: "INTERNAL", reason: "WORKER_LOST", text: "Error: no ‹n›" });
  assert.match(one?.key ?? "", /^[\da-f]{16}$/);
  assert.equal(fingerprintOf(failed({ exception: "Error: no 2\n  at b.ts:8", error }))?.key, one?.key);
  const others = [
    failed({ exception: "Error: no 1", error, method: "other" }),
    failed({ exception: "Error: yes 1", error }),
    failed({ exception: "Error: no 1" }),
    failed({}),
    failed({ error: { code: "UNAVAILABLE", message: "It failed 3 times.", details: [] } }),
  ].map((operation) => fingerprintOf(operation)?.key);
  assert.equal(new Set([one?.key, ...others]).size, others.length + 1);
  assert.equal(fingerprintOf(failed({}))?.text, "It failed ‹n› times.");
});

test("a reason is as short as a text and can be stored, whatever a handler gave", () => {
  const details = [info(`\0\ud800${"X".repeat(10_000)}`)];
  const error = { code: "INTERNAL", message: "No.", details } as never;
  const { reason } = fingerprintOf(failed({ error })) ?? assert.fail();
  assert.equal(reason, `\ufffd\ufffd${"X".repeat(LIMITS.failureTextMax - 4)} …`);
});

test("an operation without a failure has no fingerprint", () => {
  assert.equal(fingerprintOf(anOperation()), undefined);
  assert.equal(fingerprintOf(failed({ state: "CANCELLED" })), undefined);
});
