import assert from "node:assert/strict";
import { test } from "node:test";
import { packageName, projectFiles } from "./project.ts";

test("packageName() makes a name that npm accepts from any folder name", () => {
  const names = { archive: "archive", "My Archive!": "my-archive", ".hidden": "hidden", 日本: "operations" };
  for (const [folder, name] of Object.entries(names)) assert.equal(packageName(folder), name);
  assert.equal(packageName(""), "operations");
  assert.equal(packageName("longrunning"), "operations");
  assert.equal(packageName("a".repeat(300)).length, 214);
});

test("projectFiles() names files of one language only", () => {
  const facts = { name: "archive", version: "1.2.3" };
  for (const [language, other] of [
    ["ts", "js"],
    ["js", "ts"],
  ] as const) {
    const files = projectFiles({ ...facts, language });
    assert.equal(Object.keys(files).filter((name) => name.endsWith(`.${other}`)).length, 0);
    assert.equal("tsconfig.json" in files, language === "ts");
    const text = Object.values(files).join("\n");
    assert.ok(!text.includes("METHOD_FILE") && !text.includes(`count-words.${other}`));
    const manifest = JSON.parse(files["package.json"] ?? "") as Record<string, Record<string, string>>;
    assert.equal(manifest["dependencies"]?.["longrunning"], "^1.2.3");
    assert.equal(manifest["scripts"]?.["start"], `longrunning serve count-words.${language}`);
  }
});
