import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { loadMethods } from "./methods-file.ts";

test("loadMethods() reads a file by its path or its address, with this process's variables", async () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-methods-"));
  const file = join(folder, "m.yaml");
  try {
    for (const [secret, isThere] of [
      ["env:PATH", true],
      ["env:SURELY_NOT_THERE", false],
    ] as const) {
      const run = `{ url: 'https://example.com/a', auth: { bearer: '${secret}' } }`;
      writeFileSync(file, `methods:\n  - name: a\n    request: {}\n    run: ${run}\n`);
      for (const each of [file, pathToFileURL(file)]) {
        const loading = loadMethods(each);
        if (isThere) assert.equal((await loading)[0]?.name, "a");
        else await assert.rejects(loading, /m\.yaml:4:\d+: .*the variable SURELY_NOT_THERE is not set/);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
