import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { blocksOf, openProject, ROOT } from "../support/page.ts";

/**
 * Compiler options of users, plus those that our own sources need, because they are compiled as
 * well.
 */
const OPTIONS =
  "--noEmit --strict --target es2024 --module nodenext --types node --skipLibCheck --experimentalDecorators";
const OURS = "--allowImportingTsExtensions --exactOptionalPropertyTypes --lib es2025,esnext.disposable";

const PAGES = ["client.md", "mounting.md", "testing.md"];

test("the TypeScript of the pages type-checks", { timeout: 240_000 }, async () => {
  const files = PAGES.flatMap((page) =>
    blocksOf(page)
      .filter(({ language }) => language === "ts")
      .map(({ file, code }) => ({ file: `${page.replace(".md", "")}/${file}`, code })),
  );
  const archive = blocksOf("mounting.md").find(({ file }) => file === "operations.ts")?.code ?? "";
  // The page of the client imports the type of a method that the page does not show.
  const folder = openProject([...files, { file: "client/archive.ts", code: archive }]);
  const words = [...OPTIONS.split(" "), ...OURS.split(" "), ...files.map(({ file }) => file)];
  const checked = promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), words, { cwd: folder });
  await checked.catch((error: { stdout: string }) => assert.fail(error.stdout));
});
