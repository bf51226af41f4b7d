import type { Clock } from "../core/ports/clock.ts";
import type { Teller } from "../core/teller.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import { BoundedNames } from "./bounded-names.ts";
import { meterEvents } from "./event-metrics.ts";
import { Gauges, type Observed } from "./gauges.ts";
import { isRegistered } from "./registered.ts";

/** The parts of the telemetry. */
export interface TelemetryParts {
  readonly teller: Teller;
  /** The declared methods. */
  readonly methods: Iterable<string>;
  /** Whether metrics are exposed to Prometheus. */
  readonly metrics: boolean;
  /** The relation of an attempt's span to that of its start. */
  readonly attemptSpans: "link" | "parent";
}

/** Metrics and traces of one service. */
export interface Telemetry {
  /** Undefined without tracing. */
  readonly tracing: Tracing | undefined;
  /**
   * Observes a service from now on.
   *
   * @returns a function that formats all metrics for Prometheus; undefined if they are not exposed
   */
  observe(observed: Observed, clock: Pick<Clock, "monotonic">): (() => Promise<string>) | undefined;
  /** Stops listening to events. */
  stop(): void;
}

/**
 * Starts the configured telemetry, and OpenTelemetry if a provider is registered; other parts are
 * not loaded. Call it before the service announces any event.
 */
export async function openTelemetry(parts: TelemetryParts): Promise<Telemetry> {
  const { teller, metrics, attemptSpans } = parts;
  const methods = [...parts.methods];
  const labels = new BoundedNames(methods);
  const prometheus = metrics ? new (await import("./exposition.ts")).Exposition() : undefined;
  const [tracing, meter] = await openTelemetryOf(teller, attemptSpans);
  const stops: (() => void)[] = [];
  for (const each of [prometheus, meter])
    if (each !== undefined) stops.push(meterEvents(teller, each, labels));
  return {
    tracing,
    observe: (observed, clock) => {
      const gauges = new Gauges({ observed, clock, declared: methods, labels });
      if (meter !== undefined) stops.push(meter.observe(gauges));
      if (prometheus === undefined) return undefined;
      return async () => prometheus.text(await gauges.readings());
    },
    stop: () => {
      for (const stop of stops.splice(0)) stop();
    },
  };
}

/** The OpenTelemetry parts, if a provider is registered. */
async function openTelemetryOf({ tell }: Teller, attemptSpans: TelemetryParts["attemptSpans"]) {
  try {
    const [tracing, meter] = await Promise.all([
      isRegistered("trace") ? import("./opentelemetry/tracing.ts") : undefined,
      isRegistered("metrics") ? import("./opentelemetry/meter.ts") : undefined,
    ]);
    return [
      tracing && new tracing.OpenTelemetryTracing({ attemptSpans }),
      meter && new meter.OpenTelemetryMeter(),
    ] as const;
  } catch (error) {
    // A copy of the API that cannot be resolved from here has registered it.
    const message = error instanceof Error ? error.message : String(error);
    tell["telemetry.failed"]?.({ message, count: 1 });
    return [undefined, undefined] as const;
  }
}
