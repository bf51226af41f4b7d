import type { Clock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { samplerOf } from "./sampler.ts";
import { loadSdk, type OtlpProtocol, type Sdk } from "./sdk.ts";

/** The options of the export. */
export interface OtlpOptions {
  /** The standard variables; the exporters themselves read addresses, headers and time limits. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The `service.name`, unless a variable sets it. */
  readonly name: string;
  readonly tell: Tell;
  readonly clock: Clock;
}

/** The export of traces and metrics to a collector. */
export interface Otlp {
  /** Sends the remaining data, within a time limit. Never rejects. */
  stop(): Promise<void>;
}

/**
 * Registers providers with the OpenTelemetry API that export by OTLP. Data that cannot be sent only
 * causes a line in the log from time to time.
 *
 * @throws {TypeError} for missing packages, with their names, and for invalid variables
 */
export async function startOtlp(options: OtlpOptions): Promise<Otlp> {
  const { environment, name } = options;
  const [traces, metrics] = [signal(environment, "TRACES"), signal(environment, "METRICS")];
  const sdk = await loadSdk(traces, metrics);
  tellFailures(sdk, options);
  const resource = sdk.resources
    .resourceFromAttributes({ "service.name": name })
    .merge(
      sdk.resources.detectResources({ detectors: [sdk.resources.envDetector, sdk.resources.hostDetector] }),
    );
  const stops: (() => Promise<void>)[] = [];
  if (sdk.spanExporter !== undefined) stops.push(registerTraces(sdk, resource, environment));
  if (sdk.metricExporter !== undefined) stops.push(registerMetrics(sdk, resource, environment));
  return { stop: () => stopAll(sdk, stops, options.clock) };
}

type Resource = ReturnType<Sdk["resources"]["defaultResource"]>;

function registerTraces(
  sdk: Sdk,
  resource: Resource,
  environment: OtlpOptions["environment"],
): () => Promise<void> {
  const { api, trace, core, hooks } = sdk;
  const number = (variable: string): number | undefined => wholeNumber(environment, variable);
  const processor = new trace.BatchSpanProcessor({
    exporter: sdk.spanExporter as NonNullable<typeof sdk.spanExporter>,
    ...given("scheduledDelayMillis", number("OTEL_BSP_SCHEDULE_DELAY")),
    ...given("exportTimeoutMillis", number("OTEL_BSP_EXPORT_TIMEOUT")),
    ...given("maxQueueSize", number("OTEL_BSP_MAX_QUEUE_SIZE")),
    ...given("maxExportBatchSize", number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE")),
  });
  const { OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument } = environment;
  const provider = new trace.TracerProvider({
    resource,
    sampler: samplerOf(trace, sampler, argument),
    spanProcessors: [processor],
  });
  api.context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  api.propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  api.trace.setGlobalTracerProvider(provider);
  return () => provider.shutdown();
}

function registerMetrics(
  sdk: Sdk,
  resource: Resource,
  environment: OtlpOptions["environment"],
): () => Promise<void> {
  const number = (variable: string): number | undefined => wholeNumber(environment, variable);
  const reader = new sdk.metrics.PeriodicExportingMetricReader({
    exporter: sdk.metricExporter as NonNullable<typeof sdk.metricExporter>,
    ...given("exportIntervalMillis", number("OTEL_METRIC_EXPORT_INTERVAL")),
    ...given("exportTimeoutMillis", number("OTEL_METRIC_EXPORT_TIMEOUT")),
  });
  const provider = new sdk.metrics.MeterProvider({ resource, readers: [reader] });
  sdk.api.metrics.setGlobalMeterProvider(provider);
  return () => provider.shutdown();
}

async function stopAll({ api }: Sdk, stops: readonly (() => Promise<void>)[], clock: Clock): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timer = clock.after(LIMITS.telemetryFlushMs, over.resolve);
  await Promise.race([Promise.allSettled(stops.map((stop) => stop())), over.promise]);
  timer.cancel();
  for (const each of [api.trace, api.metrics, api.context, api.propagation, api.diag]) each.disable();
}

const nothing = (): void => {};

/** Reports errors of the SDK, with a pause between reports. */
function tellFailures({ api }: Sdk, { tell, clock }: OtlpOptions): void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let count = 0;
  const note = (message: string): void => {
    count++;
    if (clock.monotonic() - toldAt < LIMITS.telemetryLogIntervalMs) return;
    toldAt = clock.monotonic();
    tell["telemetry.failed"]?.({ message: message.slice(0, LIMITS.messageLengthMax), count });
    count = 0;
  };
  const logger = { error: note, warn: note, info: nothing, debug: nothing, verbose: nothing };
  api.diag.setLogger(logger, { logLevel: api.DiagLogLevel.WARN, suppressOverrideMessage: true });
}

/** The export of a signal; undefined for none. */
function signal(
  environment: OtlpOptions["environment"],
  name: "TRACES" | "METRICS",
): OtlpProtocol | undefined {
  const exporter = environment[`OTEL_${name}_EXPORTER`] ?? "otlp";
  if (exporter === "none") return undefined;
  if (exporter !== "otlp") {
    throw new TypeError(`OTEL_${name}_EXPORTER: expected otlp or none, got ${JSON.stringify(exporter)}`);
  }
  const variable = `OTEL_EXPORTER_OTLP_${name}_PROTOCOL`;
  const protocol = environment[variable] ?? environment["OTEL_EXPORTER_OTLP_PROTOCOL"] ?? "http/protobuf";
  if (protocol === "http/protobuf" || protocol === "http/json") return protocol;
  throw new TypeError(
    `OTEL_EXPORTER_OTLP_PROTOCOL: expected http/protobuf or http/json, got ${JSON.stringify(protocol)}`,
  );
}

function wholeNumber(environment: OtlpOptions["environment"], variable: string): number | undefined {
  const text = environment[variable];
  if (text === undefined || text === "") return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new TypeError(`${variable}: expected a whole number, 1 or greater, got ${JSON.stringify(text)}`);
}

function given<Key extends string>(key: Key, value: number | undefined): { readonly [K in Key]?: number } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]: number });
}
