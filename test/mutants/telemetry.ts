import type { Mutant } from "./mutant.ts";

/** Faults of `src/telemetry`, and of the events that it gets. */
export const TELEMETRY: readonly Mutant[] = [
  {
    id: "buckets-not-cumulative",
    file: "src/telemetry/exposition.ts",
    find: "total += buckets[index] ?? 0;",
    replace: "total = buckets[index] ?? 0;",
    fault: "A bucket of a histogram does not include the counts of those below it.",
  },
  {
    id: "label-quotes-unescaped",
    file: "src/telemetry/exposition.ts",
    find: ".replaceAll('\"', '\\\\\"')",
    replace: "",
    fault: "A method with a quote in its name breaks the text for Prometheus.",
  },
  {
    id: "methods-unbounded",
    file: "src/telemetry/bounded-names.ts",
    find: "    if (this.#known.size >= LIMITS.metricMethodsMax) return OTHER;\n",
    replace: "",
    fault: "Every method that was ever called has series of its own.",
  },
  {
    id: "gauges-ask-every-time",
    file: "src/telemetry/gauges.ts",
    find: "freshMs: LIMITS.metricsCountMs",
    replace: "freshMs: 0",
    fault: "Each look at the metrics asks the store.",
  },
  {
    id: "old-gauges-shown",
    file: "src/telemetry/gauges.ts",
    find: "staleMs: 4 * LIMITS.metricsCountMs",
    replace: "staleMs: Infinity",
    fault: "Counts of an unavailable store are shown for ever.",
  },
  {
    id: "call-traced-twice",
    file: "src/telemetry/opentelemetry/tracing.ts",
    find: "if (trace.getActiveSpan() !== undefined) return undefined;",
    replace: "",
    fault: "A request that an instrumentation of the program traces has a second span.",
  },
  {
    id: "attempt-not-linked",
    file: "src/telemetry/opentelemetry/tracing.ts",
    find: "start === undefined || isBelow ? [] : [{ context: start }]",
    replace: "[]",
    fault: "The span of an attempt does not lead to its start.",
  },
  {
    id: "tracestate-cut",
    file: "src/core/trace-context.ts",
    find: 'return state === "" || whole.length > LIMITS.traceContextBytesMax ? parent : whole;',
    replace: 'return state === "" ? parent : whole.slice(0, LIMITS.traceContextBytesMax);',
    fault: "A part of a tracestate is kept as if it were the whole.",
  },
  {
    id: "metrics-behind-a-proxy",
    file: "src/assembly/serve.ts",
    find: " && publicUrl === undefined",
    replace: "",
    fault: "Any caller gets the metrics through a proxy on the same machine.",
  },
];
