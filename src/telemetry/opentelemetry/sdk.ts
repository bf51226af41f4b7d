import type { SpanExporter } from "@opentelemetry/sdk-trace";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";

/** The encoding of OTLP, by its name in `OTEL_EXPORTER_OTLP_PROTOCOL`. */
export type OtlpProtocol = "http/protobuf" | "http/json";

/**
 * The packages of OpenTelemetry, which are not among our dependencies: users who export install
 * them.
 */
const PACKAGES = {
  api: ["@opentelemetry/api", () => import("@opentelemetry/api")],
  core: ["@opentelemetry/core", () => import("@opentelemetry/core")],
  resources: ["@opentelemetry/resources", () => import("@opentelemetry/resources")],
  hooks: ["@opentelemetry/context-async-hooks", () => import("@opentelemetry/context-async-hooks")],
  trace: ["@opentelemetry/sdk-trace", () => import("@opentelemetry/sdk-trace")],
  metrics: ["@opentelemetry/sdk-metrics", () => import("@opentelemetry/sdk-metrics")],
} as const;

type Exporters<Module> = Readonly<Record<OtlpProtocol, readonly [name: string, () => Promise<Module>]>>;

const SPAN_EXPORTERS: Exporters<{ readonly OTLPTraceExporter: new () => SpanExporter }> = {
  "http/protobuf": [
    "@opentelemetry/exporter-trace-otlp-proto",
    () => import("@opentelemetry/exporter-trace-otlp-proto"),
  ],
  "http/json": [
    "@opentelemetry/exporter-trace-otlp-http",
    () => import("@opentelemetry/exporter-trace-otlp-http"),
  ],
};

const METRIC_EXPORTERS: Exporters<{ readonly OTLPMetricExporter: new () => PushMetricExporter }> = {
  "http/protobuf": [
    "@opentelemetry/exporter-metrics-otlp-proto",
    () => import("@opentelemetry/exporter-metrics-otlp-proto"),
  ],
  "http/json": [
    "@opentelemetry/exporter-metrics-otlp-http",
    () => import("@opentelemetry/exporter-metrics-otlp-http"),
  ],
};

type Loaded = { readonly [Key in keyof typeof PACKAGES]: Awaited<ReturnType<(typeof PACKAGES)[Key][1]>> };

/** The loaded packages. */
export interface Sdk extends Loaded {
  /** Undefined if traces are not exported. */
  readonly spanExporter: SpanExporter | undefined;
  /** Undefined if metrics are not exported. */
  readonly metricExporter: PushMetricExporter | undefined;
}

/**
 * Loads the SDK, and an exporter for each signal that is exported.
 *
 * @throws {TypeError} with all missing packages, and the command that installs them
 */
export async function loadSdk(
  traces: OtlpProtocol | undefined,
  metrics: OtlpProtocol | undefined,
): Promise<Sdk> {
  const missing: string[] = [];
  const load = async <T>([name, open]: readonly [string, () => Promise<T>]): Promise<T> => {
    try {
      return await open();
    } catch (error) {
      if (!isMissing(error, name)) throw error;
      missing.push(name);
      return undefined as T;
    }
  };
  const { api, core, resources, hooks, trace, metrics: sdkMetrics } = PACKAGES;
  const sdk = {
    api: await load(api),
    core: await load(core),
    resources: await load(resources),
    hooks: await load(hooks),
    trace: await load(trace),
    metrics: await load(sdkMetrics),
  };
  const spans = traces === undefined ? undefined : await load(SPAN_EXPORTERS[traces]);
  const measured = metrics === undefined ? undefined : await load(METRIC_EXPORTERS[metrics]);
  if (missing.length > 0) throw new TypeError(missingText(missing));
  return {
    ...sdk,
    spanExporter: spans && new spans.OTLPTraceExporter(),
    metricExporter: measured && new measured.OTLPMetricExporter(),
  };
}

function isMissing(error: unknown, name: string): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "ERR_MODULE_NOT_FOUND" &&
    error.message.includes(name)
  );
}

function missingText(missing: readonly string[]): string {
  return `Exporting by OTLP needs packages that are not installed; install them: npm install ${missing.join(" ")}`;
}
