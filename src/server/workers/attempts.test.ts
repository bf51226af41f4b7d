import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { checkedAttempt, errorCode, renewalOf } from "./attempts.ts";

const ATTEMPT = { name: "operations/a", attempt: 1, token: "t" };
const pathOf = (field: string): string => `all[0].${field}`;

suite("checkedAttempt()", () => {
  test("requires all three parts", () => {
    assert.equal(checkedAttempt(ATTEMPT, pathOf), ATTEMPT);
    for (const [field, value] of [
      ["name", ""],
      ["attempt", 0],
      ["attempt", -1],
      ["token", ""],
    ] as const) {
      assert.throws(() => checkedAttempt({ ...ATTEMPT, [field]: value }, pathOf), {
        reason: "CLAIM_INVALID",
        message: new RegExp(`^Invalid value at 'all\\[0\\]\\.${field}': expected `),
      });
    }
  });
});

suite("renewalOf()", () => {
  test("renews although the metadata is invalid, and passes bugs on", () => {
    const wrong = new StatusError("INVALID_ARGUMENT", "no metadata");
    const renewal = renewalOf(ATTEMPT, () => {
      throw wrong;
    });
    assert.deepEqual(renewal, { attempt: ATTEMPT, metadata: undefined, refused: wrong });
    assert.equal(renewalOf(ATTEMPT, () => undefined).refused, undefined);
    assert.throws(() => renewalOf(ATTEMPT, () => assert.fail("a bug")), /a bug/);
  });
});

suite("errorCode()", () => {
  test("reads the number of a code, also in quotes, and refuses everything else", () => {
    assert.deepEqual([errorCode(13, "code"), errorCode("5", "code")], ["INTERNAL", "NOT_FOUND"]);
    for (const [value, shown] of [
      [undefined, "nothing"],
      [0, "0"],
      [17, "17"],
      [1.5, "1.5"],
      ["", '""'],
      ["UNAVAILABLE", '"UNAVAILABLE"'],
      [[13], "a list"],
    ] as const)
      assert.throws(() => errorCode(value, "error.code"), {
        reason: "ATTEMPT_ERROR_INVALID",
        message: `Invalid value at 'error.code': expected the number of a google.rpc.Code, 1 to 16, got ${shown}.`,
      });
  });
});
