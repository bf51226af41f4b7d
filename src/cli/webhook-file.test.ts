import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { CommandError } from "./exit.ts";
import type { Io } from "./io.ts";
import { readWebhookFile } from "./webhook-file.ts";

const folder = mkdtempSync(join(tmpdir(), "longrunning-webhooks-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const io = { directory: folder } as Io;

test("the file is a JSON list; other contents are reported without their text", async () => {
  assert.equal(await readWebhookFile(io, undefined), undefined);
  const list = [{ id: "a", url: "https://example.com", secrets: ["whsec_x"] }];
  writeFileSync(join(folder, "good.json"), JSON.stringify(list));
  assert.deepEqual(await readWebhookFile(io, "good.json"), list);
  writeFileSync(join(folder, "object.json"), '{"secret":"whsec_x"}');
  writeFileSync(join(folder, "broken.json"), '[{"secret":"whsec_x"');
  for (const [file, why] of [
    ["object.json", /must be a list of endpoints/],
    ["broken.json", /is not valid JSON/],
    ["none.json", /cannot be read/],
    ...(process.platform === "win32" ? [] : [["/dev/zero", /it has more than 4194304 bytes/] as const]),
  ] as const)
    await assert.rejects(readWebhookFile(io, file), (error: Error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, why);
      assert.doesNotMatch(error.message, /whsec_x/);
      return true;
    });
});
