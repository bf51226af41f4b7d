import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import { METHODS_SCHEMA } from "./forms.ts";

const FILE = new URL("../../deploy/methods.schema.json", import.meta.url);

test("the published schema equals the forms that read the files", () => {
  assert.deepEqual(JSON.parse(readFileSync(FILE, "utf8")), JSON.parse(JSON.stringify(METHODS_SCHEMA)));
});

test("the published schema accepts valid files and refuses invalid ones", () => {
  const takes = new Ajv2020({ strict: false }).compile(METHODS_SCHEMA);
  const method = { name: "resizeDisk", request: { type: "object" }, retry: { attempts: 5 }, run: "remote" };
  assert.equal(takes({ methods: [method] }), true);
  for (const wrong of [
    { ...method, name: "Resize" },
    { ...method, request: { type: "objekt" } },
    { ...method, deadline: "soon" },
    { ...method, parallel: {} },
    { ...method, timeout: "5m" },
    { name: "resizeDisk" },
  ])
    assert.equal(takes({ methods: [wrong] }), false, JSON.stringify(wrong));
});
