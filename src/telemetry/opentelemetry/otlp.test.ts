import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { diag } from "@opentelemetry/api";
import { silence, type Tell } from "../../core/events.ts";
import { Teller } from "../../core/teller.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { isRegistered } from "../registered.ts";
import { type OtlpOptions, startOtlp } from "./otlp.ts";

const options = (
  environment: OtlpOptions["environment"],
  clock = new ManualClock(),
  tell: Tell = silence,
): OtlpOptions => ({ environment, name: "archive", tell, clock });

suite("startOtlp()", () => {
  test("refuses invalid variables, and lists the valid values", async () => {
    const cases = [
      [
        { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
        /OTEL_EXPORTER_OTLP_PROTOCOL: expected http\/protobuf or http\/json, got "grpc"/,
      ],
      [{ OTEL_TRACES_EXPORTER: "zipkin" }, /OTEL_TRACES_EXPORTER: expected otlp or none, got "zipkin"/],
      [
        { OTEL_BSP_MAX_QUEUE_SIZE: "many" },
        /OTEL_BSP_MAX_QUEUE_SIZE: expected a whole number, 1 or greater, got "many"/,
      ],
      [{ OTEL_TRACES_SAMPLER: "x" }, /OTEL_TRACES_SAMPLER: /],
    ] as const;
    for (const [environment, message] of cases)
      await assert.rejects(startOtlp(options(environment)), message);
    assert.equal(isRegistered("trace"), false, "nothing is left registered");
  });

  test("registers the exporters, and removes them", async () => {
    const clock = new ManualClock();
    const otlp = await startOtlp(options({ OTEL_METRICS_EXPORTER: "none" }, clock));
    assert.deepEqual([isRegistered("trace"), isRegistered("metrics")], [true, false]);
    await otlp.stop();
    assert.deepEqual([isRegistered("trace"), clock.pending], [false, 0]);
  });

  test("reports a problem at once, and then once a minute with its count", async () => {
    const clock = new ManualClock();
    const teller = new Teller();
    const told: unknown[] = [];
    teller.watch((_name, fields) => told.push(fields), ["telemetry.failed"]);
    const otlp = await startOtlp(options({ OTEL_METRICS_EXPORTER: "none" }, clock, teller.tell));
    for (let index = 0; index < 3; index++) diag.error("away");
    await clock.advance(LIMITS.telemetryLogIntervalMs);
    diag.warn("still away");
    diag.info("nothing that matters");
    assert.deepEqual(told, [
      { message: "away", count: 1 },
      { message: "still away", count: 3 },
    ]);
    await otlp.stop();
  });
});
