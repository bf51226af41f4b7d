import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { secretOf } from "./secret.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-secret-"));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "token"), "\tfrom a file\n");
writeFileSync(join(folder, "empty"), "\n");
writeFileSync(join(folder, "largest"), "x".repeat(LIMITS.methodsFileSecretBytesMax));
writeFileSync(join(folder, "large"), "hunter2".repeat(LIMITS.methodsFileSecretBytesMax));
const places = { folder, environment: { TOKEN: " from the environment ", EMPTY: " " } };

for (const [text, secret] of [
  ["a text", "a text"],
  ["env", "env"],
  ["exec:date", "exec:date"],
  ["env:TOKEN", "from the environment"],
  ["file:token", "from a file"],
  [`file:${join(folder, "token")}`, "from a file"],
  ["file:largest", "x".repeat(LIMITS.methodsFileSecretBytesMax)],
] as const)
  test(`${text} stands for a secret`, async () => assert.equal(await secretOf(text, places), secret));

for (const [text, why] of [
  ["env:NONE", /^the variable NONE is not set, or empty$/],
  ["env:EMPTY", /^the variable EMPTY is not set, or empty$/],
  ["file:none", /^the file "none" cannot be read: ENOENT/],
  ["file:.", /^the file "\." cannot be read: EISDIR/],
  ["file:empty", /^the file "empty" is empty$/],
  ["file:large", /^the file "large" has more than \d+ bytes$/],
] as const)
  test(`${text} contains no secret`, async () => {
    await assert.rejects(secretOf(text, places), { name: "TypeError", message: why });
  });
