import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOperation } from "../../client/index.ts";
import { aWorld } from "../world.suite.ts";
import { operationLines, tookText } from "./operation-table.ts";

const operation = (metadata: ClientOperation["metadata"]): ClientOperation => ({
  name: "operations/a",
  done: false,
  metadata,
  response: null,
  error: null,
});

test("tookText() counts from the first attempt to the end, or to now", () => {
  const [startTime, endTime] = ["2026-01-01T00:00:00Z", "2026-01-01T00:00:22.5Z"];
  const now = Date.parse(startTime) + 600_000;
  assert.equal(tookText(operation({}), now), "");
  assert.equal(tookText(operation({ startTime }), now), "10 min");
  assert.equal(tookText(operation({ startTime, endTime }), now), "22 s");
  assert.equal(tookText(operation({ startTime }), now - 700_000), "0 s", "a clock that is behind");
  assert.equal(tookText(operation({ startTime: "yesterday" }), now), "");
});

test("operationLines() leaves out the column of methods if no operation tells its method", () => {
  using world = aWorld();
  const headOf = (...operations: readonly ClientOperation[]): string | undefined =>
    operationLines(world.io, operations)[0]?.replaceAll(/ +/g, " ");
  assert.equal(headOf(), undefined);
  assert.equal(headOf(operation({}), operation({})), "NAME STATE CREATED TOOK PROGRESS");
  assert.equal(headOf(operation({}), operation({ verb: "pack" })), "NAME STATE METHOD CREATED TOOK PROGRESS");
});
