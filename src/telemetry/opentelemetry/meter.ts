import {
  type Attributes,
  type BatchObservableCallback,
  type Counter,
  type Histogram,
  metrics,
  type ObservableGauge,
} from "@opentelemetry/api";
import type { Gauges } from "../gauges.ts";
import {
  type CounterName,
  type HistogramName,
  type LabelValues,
  type Meter,
  METRIC_ROWS,
  type MetricName,
  METRICS,
} from "../metrics.ts";

/** Counts and measures through the OpenTelemetry API, for whatever provider is registered. */
export class OpenTelemetryMeter implements Meter {
  readonly #meter = metrics.getMeter("longrunning");
  readonly #counters = new Map<MetricName, Counter>();
  readonly #histograms = new Map<MetricName, Histogram>();
  readonly #gauges = new Map<MetricName, ObservableGauge>();

  constructor() {
    for (const [name, metric] of METRIC_ROWS) {
      const options = { unit: metric.unit, description: metric.help };
      if (metric.kind === "counter") this.#counters.set(name, this.#meter.createCounter(name, options));
      if (metric.kind === "gauge") this.#gauges.set(name, this.#meter.createObservableGauge(name, options));
      if (metric.kind !== "histogram") continue;
      const advice = { explicitBucketBoundaries: [...(metric.buckets ?? [])] };
      this.#histograms.set(name, this.#meter.createHistogram(name, { ...options, advice }));
    }
  }

  count<Name extends CounterName>(name: Name, values: LabelValues<Name>): void {
    this.#counters.get(name)?.add(1, attributesOf(name, values));
  }

  record<Name extends HistogramName>(name: Name, values: LabelValues<Name>, value: number): void {
    this.#histograms.get(name)?.record(value, attributesOf(name, values));
  }

  /**
   * Reads the gauges at each export of metrics.
   *
   * @returns a function that ends this
   */
  observe(gauges: Pick<Gauges, "readings">): () => void {
    const instruments = this.#gauges;
    const observe: BatchObservableCallback = async (result) => {
      for (const { name, values, value } of await gauges.readings()) {
        const gauge = instruments.get(name);
        if (gauge !== undefined) result.observe(gauge, value, attributesOf(name, values));
      }
    };
    const all = [...instruments.values()];
    this.#meter.addBatchObservableCallback(observe, all);
    return () => this.#meter.removeBatchObservableCallback(observe, all);
  }
}

function attributesOf(name: MetricName, values: readonly string[]): Attributes {
  const attributes: Attributes = {};
  for (const [index, label] of METRICS[name].labels.entries()) {
    const value = values[index] ?? "";
    if (value !== "") attributes[label] = value;
  }
  return attributes;
}
