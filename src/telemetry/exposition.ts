import {
  type CounterName,
  type HistogramName,
  type Label,
  type LabelValues,
  type Meter,
  type Metric,
  METRIC_ROWS,
  type MetricName,
  type Reading,
} from "./metrics.ts";

/** One combination of the values of labels. */
interface Series {
  /** In the form of the text, such as `method="a",state="FAILED"`. */
  readonly labels: string;
  /** For a histogram the number of values; otherwise the value itself. */
  count: number;
  sum: number;
  /** The number of values in each bucket, without those above all bounds. */
  readonly buckets: number[];
}

/**
 * Counts and measures for Prometheus, and formats the result as text.
 *
 * @see Prometheus, "Exposition formats", text-based format 0.0.4
 */
export class Exposition implements Meter {
  readonly #families: Readonly<Record<MetricName, Family>> = Object.fromEntries(
    METRIC_ROWS.map(([name, metric]) => [name, new Family(name, metric)]),
  ) as Record<MetricName, Family>;

  count<Name extends CounterName>(name: Name, values: LabelValues<Name>): void {
    this.#families[name].series(values).count++;
  }

  record<Name extends HistogramName>(name: Name, values: LabelValues<Name>, value: number): void {
    this.#families[name].record(values, value);
  }

  /** @param readings the current gauges */
  text(readings: readonly Reading[]): string {
    for (const [name, { kind }] of METRIC_ROWS) if (kind === "gauge") this.#families[name].clear();
    for (const { name, values, value } of readings) this.#families[name].series(values).count = value;
    return METRIC_ROWS.map(([name]) => this.#families[name].text()).join("");
  }
}

/** The series whose labels begin with the same values. */
class Branch {
  readonly next = new Map<string, Branch>();
  /** The series without further values. */
  series: Series | undefined;
}

/** All series of a metric. */
class Family {
  readonly #name: string;
  readonly #metric: Metric;
  readonly #bounds: readonly number[];
  /** In the order of their first values. */
  #all: Series[] = [];
  /**
   * A map for each label finds a series faster than one map with joined values: a new text has to be
   * hashed, for every call of the service.
   */
  #root = new Branch();

  constructor(name: MetricName, metric: Metric) {
    this.#metric = metric;
    this.#name = expositionName(name, metric);
    this.#bounds = metric.buckets ?? [];
    // A metric without labels exists from the first scrape on, because alerts need it.
    if (metric.labels.length === 0 && metric.kind !== "gauge") this.series([]);
  }

  clear(): void {
    this.#all = [];
    this.#root = new Branch();
  }

  series(values: readonly string[]): Series {
    let branch = this.#root;
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? "";
      let next = branch.next.get(value);
      if (next === undefined) branch.next.set(value, (next = new Branch()));
      branch = next;
    }
    return (branch.series ??= this.#begin(values));
  }

  #begin(values: readonly string[]): Series {
    const labels = labelText(this.#metric.labels, values);
    const made: Series = { labels, count: 0, sum: 0, buckets: this.#bounds.map(() => 0) };
    this.#all.push(made);
    return made;
  }

  record(values: readonly string[], value: number): void {
    const series = this.series(values);
    series.count++;
    series.sum += value;
    const bounds = this.#bounds;
    for (let index = 0; index < bounds.length; index++) {
      if (value <= (bounds[index] ?? 0)) {
        series.buckets[index] = (series.buckets[index] ?? 0) + 1;
        return;
      }
    }
  }

  text(): string {
    const name = this.#name;
    const { kind, help } = this.#metric;
    const head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`;
    return head + this.#all.map((series) => this.#lines(series)).join("");
  }

  #lines({ labels, count, sum, buckets }: Series): string {
    const name = this.#name;
    const among = labels === "" ? "" : `{${labels}}`;
    if (this.#metric.kind !== "histogram") return `${name}${among} ${count}\n`;
    const before = labels === "" ? "" : `${labels},`;
    let total = 0;
    const lines = this.#bounds.map((bound, index) => {
      total += buckets[index] ?? 0;
      return `${name}_bucket{${before}le="${bound}"} ${total}\n`;
    });
    return [
      ...lines,
      `${name}_bucket{${before}le="+Inf"} ${count}\n`,
      `${name}_sum${among} ${sum}\n`,
      `${name}_count${among} ${count}\n`,
    ].join("");
  }
}

/**
 * The name of a metric in Prometheus: without dots, with `_total` for counters, and without the
 * unit, like that of OpenTelemetry's exporter.
 */
export function expositionName(name: string, { kind }: Pick<Metric, "kind">): string {
  return `${name.replaceAll(".", "_")}${kind === "counter" ? "_total" : ""}`;
}

function labelText(labels: readonly Label[], values: readonly string[]): string {
  return labels
    .map((label, index) => [label.replaceAll(".", "_"), values[index] ?? ""] as const)
    .filter(([, value]) => value !== "")
    .map(([label, value]) => `${label}="${escapeValue(value)}"`)
    .join(",");
}

function escapeHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** Half a surrogate pair cannot be encoded as UTF-8. */
function escapeValue(text: string): string {
  return escapeHelp(text.toWellFormed()).replaceAll('"', '\\"');
}
