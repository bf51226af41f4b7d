import type { Clock } from "../core/ports/clock.ts";
import type { Teller } from "../core/teller.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import { BoundedNames } from "./bounded-names.ts";
import { meterEvents } from "./event-metrics.ts";
import { Gauges, type Observed } from "./gauges.ts";
import { isRegistered } from "./registered.ts";

/** What telemetry is made with. */
export interface TelemetryParts {
  readonly teller: Teller;
  /** The declared methods. */
  readonly methods: Iterable<string>;
  /** Whether metrics are shown to Prometheus. */
  readonly metrics: boolean;
  /** How the span of an attempt belongs to that of its start. */
  readonly attemptSpans: "link" | "parent";
}

/** Metrics and traces of one service. */
export interface Telemetry {
  /** Undefined where nobody traces. */
  readonly tracing: Tracing | undefined;
  /**
   * Looks at a service from now on.
   *
   * @returns writes all metrics for Prometheus; undefined where they are not shown
   */
  observe(observed: Observed, clock: Pick<Clock, "monotonic">): (() => Promise<string>) | undefined;
  /** Listens no more. */
  stop(): void;
}

/**
 * Opens what is asked for, and what somebody registered with OpenTelemetry: each of its parts is loaded only then. Called
 * before the service tells anything.
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

/** The parts for OpenTelemetry, where a provider is registered. */
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
    // It is registered by a copy of the API that is not to be found from here.
    const message = error instanceof Error ? error.message : String(error);
    tell["telemetry.failed"]?.({ message, count: 1 });
    return [undefined, undefined] as const;
  }
}
