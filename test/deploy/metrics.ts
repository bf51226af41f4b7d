import { expositionName } from "../../src/telemetry/exposition.ts";
import { METRIC_ROWS } from "../../src/telemetry/metrics.ts";

/** A metric as Prometheus knows it. */
export interface ShownMetric {
  /**
   * Such as `longrunning_operation_duration`; the names in a histogram's series end with `_bucket`,
   * `_sum` and `_count`.
   */
  readonly family: string;
  readonly labels: readonly string[];
}

/** The metric of a name in an expression; undefined if there is none. */
export function metricOf(name: string): ShownMetric | undefined {
  for (const [metric, row] of METRIC_ROWS) {
    const family = expositionName(metric, row);
    const parts = row.kind === "histogram" ? ["_bucket", "_sum", "_count"] : [""];
    if (!parts.some((part) => name === family + part)) continue;
    const bucket = name.endsWith("_bucket") ? ["le"] : [];
    return { family, labels: [...row.labels.map((label) => label.replaceAll(".", "_")), ...bucket] };
  }
  return undefined;
}
