import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ROOT_CONTEXT, SpanKind } from "@opentelemetry/api";
import * as sdk from "@opentelemetry/sdk-trace";
import { samplerOf } from "./sampler.ts";

const decides = (name?: string, argument?: string): boolean =>
  samplerOf(sdk, name, argument).shouldSample(ROOT_CONTEXT, "f".repeat(32), "s", SpanKind.SERVER, {}, [])
    .decision === sdk.SamplingDecision.RECORD_AND_SAMPLED;

suite("samplerOf()", () => {
  test("follows the standard variables, and samples everything without them", () => {
    assert.deepEqual(
      [
        decides(),
        decides("always_on"),
        decides("always_off"),
        decides("parentbased_always_off"),
        decides("traceidratio"),
        decides("traceidratio", "0"),
        decides("parentbased_traceidratio", "1"),
      ],
      [true, true, false, false, true, false, true],
    );
  });

  test("refuses unknown samplers, and lists the valid ones", () => {
    assert.throws(
      () => decides("sometimes"),
      /OTEL_TRACES_SAMPLER: expected one of always_on, .*, got "sometimes"$/,
    );
    for (const share of ["", "2", "-1", "half"])
      assert.throws(
        () => decides("traceidratio", share),
        /OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1/,
      );
  });
});
