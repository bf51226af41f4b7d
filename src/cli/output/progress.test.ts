import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOperation } from "../../client/index.ts";
import { progressFor } from "./progress.ts";
import { aWorld } from "../world.suite.ts";

const at = (progressPercent: number, statusMessage: string): ClientOperation => ({
  name: "operations/x",
  done: false,
  metadata: { state: "RUNNING", progressPercent, statusMessage },
  response: null,
  error: null,
});

test("in a pipe, progress is one line for every change", () => {
  using world = aWorld();
  const progress = progressFor(world.io);
  for (const operation of [at(10, "a"), at(10, "a"), at(20, "b")]) progress.show(operation);
  progress.end();
  assert.equal(world.err(), "operations/x RUNNING 10% a\noperations/x RUNNING 20% b\n");
});

test("on a terminal, progress is one line that never wraps and is gone at the end", () => {
  using world = aWorld({ terminal: true, environment: { NO_COLOR: "1" } });
  const progress = progressFor(world.io);
  progress.show(at(50, "x".repeat(200)));
  const line = world.err().replace("\r\u001b[K", "");
  assert.ok(line.startsWith("RUNNING [############------------] 50% xxx"));
  assert.ok(line.length < 80);
  progress.end();
  assert.ok(world.err().endsWith("\r\u001b[K"));
});
