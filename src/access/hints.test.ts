import assert from "node:assert/strict";
import { test } from "node:test";
import { hintsOf } from "./hints.ts";
import { parseRules } from "./rules.ts";

const HASH = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae";
const NOW = Date.parse("2026-06-01T00:00:00Z");

async function hintsIn(source: string): Promise<readonly string[]> {
  return hintsOf(await parseRules(source, "f"), NOW);
}

test("rules without grants, and quotas of tenants without tenants, get a hint", async () => {
  const quotas = "quotas: [{ of: tenant, unfinished: 5 }]\n";
  assert.deepEqual(await hintsIn(`grants: []\n${quotas}`), [
    "there are no grants: every call is refused",
    'there are quotas of tenants, and no tenants; define them, such as tenants: ["projects/*"]',
  ]);
  const grants = 'grants: [{ members: [all], role: viewer, parent: "*" }]\n';
  assert.deepEqual(await hintsIn(`${grants}${quotas}tenants: ["projects/*"]\n`), []);
  assert.deepEqual(await hintsIn(`${grants}quotas: [{ of: principal, read: 5/s }]\n`), []);
});

test("expired keys get one hint, however many they are, and other keys get none", async () => {
  assert.deepEqual(await hintsIn(keyUntil("2026-06-01T00:00:00Z")), [
    "the key of serviceAccount:ci expired at 2026-06-01T00:00:00.000Z",
  ]);
  assert.deepEqual(await hintsIn(keyUntil("2026-06-01T00:00:01Z")), []);
  const second = `  - { sha256: ${HASH.replace("2c", "3c")}, principal: user:ada, expireTime: "2026-01-01T00:00:00Z" }\n`;
  assert.deepEqual(await hintsIn(`${keyUntil("2026-06-01T00:00:00Z")}${second}`), [
    "the key of serviceAccount:ci expired at 2026-06-01T00:00:00.000Z, and 1 more",
  ]);
});

function keyUntil(time: string): string {
  const grants = 'grants: [{ members: [all], role: viewer, parent: "*" }]';
  return `${grants}\nkeys:\n  - { sha256: ${HASH}, principal: serviceAccount:ci, expireTime: ${time} }\n`;
}
