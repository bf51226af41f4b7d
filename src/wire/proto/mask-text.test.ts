import assert from "node:assert/strict";
import { test } from "node:test";
import { oddMaskText } from "./mask-text.ts";

const of = (...paths: unknown[]): string | undefined => oddMaskText(paths);

test("oddMaskText() writes the paths that proto-JSON has no form for, and leaves everything else to others", () => {
  assert.equal(of("display_name", "labels.Env", "_"), "displayName,labels.Env,_");
  assert.equal(of("a__b"), "a__b");
  for (const other of [of("display_name", "b"), of(), of("A", 7), oddMaskText("A"), oddMaskText(undefined)])
    assert.equal(other, undefined);
});
