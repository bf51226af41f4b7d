import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { Served } from "../../../src/assembly/serve.ts";
import { parseRules } from "../../../src/access/rules.ts";
import { ROLE_NAMES, ROLES } from "../../../src/access/roles.ts";
import { work } from "./tenants.ts";

const PAGE = readFileSync(new URL("../../../docs/access.md", import.meta.url), "utf8");

test("the rules in docs/access.md have no mistakes", async () => {
  const blocks = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = ""]) => text);
  assert.ok(blocks.length > 0);
  for (const block of blocks) assert.ok((await parseRules(block, "docs/access.md")).grants.length > 0);
});

test("docs/access.md has every role with its permissions", () => {
  const [, table = ""] = /\| role \| permissions \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(PAGE) ?? [];
  const documented = table
    .trim()
    .split("\n")
    .map((row) => row.split("|").map((cell) => cell.trim()));
  assert.deepEqual(
    documented.map(([, role]) => role),
    ROLE_NAMES.map((role) => `\`${role}\``),
  );
  for (const [, role = "", permissions] of documented.slice(0, -1)) {
    const real = ROLES[role.replaceAll("`", "") as keyof typeof ROLES];
    assert.equal(permissions, real.map((each) => `\`${each}\``).join(" "), role);
  }
});

test("the program in docs/access.md decides as the page says", async () => {
  const [, block = ""] = /```ts\n(.*?)```/s.exec(PAGE) ?? [];
  const folder = mkdtempSync(join(tmpdir(), "longrunning-access-"));
  const index = new URL("../../../src/index.ts", import.meta.url).pathname;
  const program = block
    .replace('"longrunning"', JSON.stringify(index))
    .replace("./methods.ts", new URL("./tenants.ts", import.meta.url).pathname)
    .replaceAll("hold", "work")
    .replace('store: "sqlite:operations.db"', 'store: "sqlite::memory:", port: 0')
    .replace("await serve", "export const served = await serve");
  const file = join(folder, "program.ts");
  writeFileSync(file, program);
  const { served } = (await import(file)) as { served: Served };
  try {
    const get = async (email: string, path: string): Promise<number> =>
      (await fetch(`${served.url}/v1/${path}`, { headers: { "x-forwarded-email": email } })).status;
    const { name } = await served.operations.start(work, { text: "x" }, { parent: "projects/public" });
    const other = await served.operations.start(work, { text: "x" }, { parent: "projects/a" });
    assert.equal(await get("ada@example.com", other.name), 200);
    assert.equal(await get("bob@example.com", name), 200);
    assert.equal(await get("bob@example.com", other.name), 403);
  } finally {
    await served.stop();
    rmSync(folder, { recursive: true });
  }
});
