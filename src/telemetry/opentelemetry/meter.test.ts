import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenTelemetryMeter } from "./meter.ts";
import { registerProviders } from "./registered.suite.ts";

test("OpenTelemetryMeter counts, measures and reads gauges by the API", async () => {
  await using registered = registerProviders();
  const meter = new OpenTelemetryMeter();
  meter.count("longrunning.operations.finished", ["m", "SUCCEEDED", ""]);
  meter.count("longrunning.operations.finished", ["m", "SUCCEEDED", ""]);
  meter.record("longrunning.attempt.wait", ["m"], 2);
  let running = 1;
  const stop = meter.observe({
    readings: async () => [{ name: "longrunning.operations.running", values: ["m"], value: running++ }],
  });
  assert.deepEqual(await registered.points("longrunning.operations.finished"), [
    [{ method: "m", state: "SUCCEEDED" }, 2],
  ]);
  assert.deepEqual(await registered.points("longrunning.attempt.wait"), [[{ method: "m" }, 1]]);
  const [[, value] = []] = await registered.points("longrunning.operations.running");
  assert.equal(value, running - 1);
  stop();
  await registered.points("longrunning.operations.running");
  assert.equal(value, running - 1, "nothing is read any more");
});
