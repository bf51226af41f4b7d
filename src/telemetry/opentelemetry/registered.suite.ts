import { context, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import {
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  TracerProvider,
} from "@opentelemetry/sdk-trace";

/** A program's own providers, registered with the API. */
export interface Registered extends AsyncDisposable {
  /** The finished spans, oldest first. */
  readonly spans: () => readonly ReadableSpan[];
  /**
   * The current points of a metric: attributes and values; for a histogram the number of values.
   */
  points(name: string): Promise<readonly (readonly [attributes: object, value: unknown])[]>;
}

/** Registers providers that keep their data: `await using registered = registerProviders()`. */
export function registerProviders(): Registered {
  const exporter = new InMemorySpanExporter();
  const tracer = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const measured = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: measured, exportIntervalMillis: 3_600_000 });
  const meter = new MeterProvider({ readers: [reader] });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracer);
  metrics.setGlobalMeterProvider(meter);
  return {
    spans: () => exporter.getFinishedSpans(),
    points: async (name) => {
      measured.reset();
      await reader.forceFlush();
      const all = measured
        .getMetrics()
        .flatMap((each) => each.scopeMetrics.flatMap((scope) => scope.metrics));
      const points = all.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
      return points.map(({ attributes, value }) => [
        attributes,
        typeof value === "number" ? value : value.count,
      ]);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([tracer.shutdown(), meter.shutdown()]);
      for (const each of [trace, metrics, context, propagation]) each.disable();
    },
  };
}
