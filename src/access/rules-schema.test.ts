import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RULES_SCHEMA } from "./rules.ts";

const FILE = new URL("../../deploy/access.schema.json", import.meta.url);

test("the published schema equals the forms that read the files", () => {
  assert.deepEqual(JSON.parse(readFileSync(FILE, "utf8")), JSON.parse(JSON.stringify(RULES_SCHEMA)));
});
