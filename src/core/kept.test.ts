import assert from "node:assert/strict";
import { test } from "node:test";
import { kept } from "./kept.ts";

test("a kept value is made once for all callers, and again if that failed", async () => {
  const answers = [Promise.reject(new Error("away")), Promise.resolve("made")];
  const get = kept(() => answers.shift() ?? assert.fail("it is kept"));
  const ends = await Promise.allSettled([get(), get()]);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.deepEqual(await Promise.all([get(), get()]), ["made", "made"]);
  assert.equal(await get(), "made");
});
