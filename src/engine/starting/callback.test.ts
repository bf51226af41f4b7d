import assert from "node:assert/strict";
import { test } from "node:test";
import { callbackOf } from "./callback.ts";

const URL_TEXT = "https://hooks.example.com/told";

test("a callback is allowed for a host of the operator's list, and for none if there is no list", () => {
  const judged: unknown[] = [];
  const lists = {
    callbackViolation: (...given: readonly string[]) => {
      judged.push(given);
      return given[0] === URL_TEXT ? undefined : "its host is not listed";
    },
  };
  assert.equal(callbackOf({}, "projects/p", lists), undefined);
  assert.equal(callbackOf({ callbackUrl: "" }, "projects/p", lists), undefined);
  assert.equal(callbackOf({ callbackUrl: URL_TEXT }, "projects/p", lists), URL_TEXT);
  assert.deepEqual(judged, [[URL_TEXT, "projects/p"]]);
  const refused = { code: "INVALID_ARGUMENT", reason: "CALLBACK_URL_INVALID" };
  assert.throws(() => callbackOf({ callbackUrl: "https://other.com/" }, "", lists), refused);
  assert.throws(() => callbackOf({ callbackUrl: 7 as unknown as string }, "", lists), refused);
  assert.throws(() => callbackOf({ callbackUrl: URL_TEXT }, "", undefined), refused);
});
