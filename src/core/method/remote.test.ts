import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { defineMethod } from "./method.ts";
import { isRemote, remote } from "./remote.ts";

test("a method of remote workers is marked as such, and has no handler", () => {
  const resize = defineMethod({ name: "resize", request: z.object({}), run: remote() });
  assert.equal(resize.isRemote, true);
  assert.throws(() => resize.run({}, {} as never), /has no handler here/);
  assert.equal(defineMethod({ name: "resize", request: z.object({}), run: () => {} }).isRemote, false);
  assert.equal(
    isRemote(() => {}),
    false,
  );
});
