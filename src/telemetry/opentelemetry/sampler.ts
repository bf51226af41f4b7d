import type { Sampler } from "@opentelemetry/sdk-trace";

type Sdk = typeof import("@opentelemetry/sdk-trace");

/**
 * The sampler of the standard variables.
 *
 * @throws {TypeError} for an unknown sampler or an invalid ratio
 * @see OpenTelemetry, "Environment variable specification"
 */
export function samplerOf(sdk: Sdk, name: string | undefined, argument: string | undefined): Sampler {
  const root = (sampler: Sampler): Sampler => new sdk.ParentBasedSampler({ root: sampler });
  const ratio = (): Sampler => new sdk.TraceIdRatioBasedSampler(shareOf(argument));
  const samplers: Readonly<Record<string, () => Sampler>> = {
    always_on: () => new sdk.AlwaysOnSampler(),
    always_off: () => new sdk.AlwaysOffSampler(),
    traceidratio: ratio,
    parentbased_always_on: () => root(new sdk.AlwaysOnSampler()),
    parentbased_always_off: () => root(new sdk.AlwaysOffSampler()),
    parentbased_traceidratio: () => root(ratio()),
  };
  const found = samplers[name ?? "parentbased_always_on"];
  if (found !== undefined) return found();
  throw new TypeError(
    `OTEL_TRACES_SAMPLER: expected one of ${Object.keys(samplers).join(", ")}, got ${JSON.stringify(name)}`,
  );
}

function shareOf(text = "1"): number {
  const share = text.trim() === "" ? Number.NaN : Number(text);
  if (share >= 0 && share <= 1) return share;
  throw new TypeError(`OTEL_TRACES_SAMPLER_ARG: expected a number from 0 to 1, got ${JSON.stringify(text)}`);
}
