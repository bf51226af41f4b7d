import type { Teller } from "../core/teller.ts";
import type { Engine } from "../engine/engine.ts";
import type { Observed } from "../telemetry/gauges.ts";
import { isRegistered } from "../telemetry/registered.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Worker } from "../worker/worker.ts";
import type { readOpenOptions } from "./options.ts";

type Settings = Pick<ReturnType<typeof readOpenOptions>, "metrics" | "attemptSpans" | "concurrency">;
type Asked = Pick<Settings, "attemptSpans"> & Partial<Pick<Settings, "metrics">>;

/**
 * Opens the configured telemetry, and OpenTelemetry if the program has registered it. Undefined if
 * there is neither: then nothing is loaded.
 */
export async function telemetryOf(
  teller: Teller,
  methods: Iterable<string>,
  { metrics = false, attemptSpans }: Asked,
): Promise<Telemetry | undefined> {
  if (!metrics && !isRegistered("trace") && !isRegistered("metrics")) return undefined;
  const { openTelemetry } = await import("../telemetry/telemetry.ts");
  return openTelemetry({ teller, methods, metrics, attemptSpans });
}

/** The sources of metrics. */
export function observedOf(parts: {
  readonly engine: Engine;
  readonly worker: Worker | undefined;
  readonly settings: Settings;
}): Observed {
  const { engine, worker, settings } = parts;
  const limit = worker === undefined ? 0 : settings.concurrency;
  return {
    slots: () => ({ used: worker?.running ?? 0, limit }),
    waiting: () => engine.operations.waiting,
    watching: () => engine.operations.watching,
    counts: async () => {
      const { counts, failure } = await engine.liveCounts.now();
      if (failure !== undefined) throw failure;
      return counts;
    },
    time: () => engine.attempts.time(),
  };
}
