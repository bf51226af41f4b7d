import assert from "node:assert/strict";
import { test } from "node:test";
import { reportedProcess } from "./reported-process.ts";

const PARTS = {
  id: "h-1-a",
  methods: new Map([["echo", {}]]),
  slots: 3,
  hasCallers: true,
  running: () => 2,
  draining: () => false,
};

test("a process has a role: everything, only workers, or only callers; without a worker it runs no method", () => {
  const seen = [{}, { hasCallers: false }, { slots: 0 }].map((parts) => {
    const { role, methods, slots } = reportedProcess({ ...PARTS, ...parts }).fixed;
    return [role, methods, slots];
  });
  assert.deepEqual(seen, [
    ["all", ["echo"], 3],
    ["worker", ["echo"], 3],
    ["api", [], 0],
  ]);
});
