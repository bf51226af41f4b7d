import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

test("serving HTTP does not load fetch", () => {
  const program = `
    await import(${JSON.stringify(import.meta.resolve("./listening/listen.ts"))});
    process.stdout.write(process.moduleLoadList.filter((name) => name.includes("undici")).join());`;
  const words = ["--input-type=module", "--eval", program];
  assert.equal(execFileSync(process.execPath, words, { encoding: "utf8" }), "");
});
