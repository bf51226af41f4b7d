import type { Health } from "../server/probes/health.ts";
import { probes } from "../server/probes/probes.ts";
import { indexPage } from "../server/stops/index-page.ts";
import { metricsPage } from "../server/stops/metrics-page.ts";
import type { Stops } from "../server/stops/stop.ts";

/** What the stops of a service tell of. */
export interface StopsParts {
  readonly health: Health;
  /** The service's name. */
  readonly name: string;
  /** The version that the service is known by first, such as `v1`. */
  readonly version: string;
  /** Writes all metrics. Undefined where none are shown. */
  readonly metrics: (() => Promise<string>) | undefined;
  /** The page for people, such as `admin/`. @default there is none */
  readonly page?: string | undefined;
}

/** The single addresses that a service answers before its edges: the probes, metrics, and the index at `/`. */
export function stopsOf({ health, name, version, metrics, page }: StopsParts): Stops {
  const shown = metrics === undefined ? [] : [["/metrics", metricsPage(metrics)] as const];
  const probed = [...probes(health), ...shown];
  const addresses = {
    operations: `${version}/operations`,
    discovery: "$discovery/rest",
    openapi: "openapi.json",
    ...Object.fromEntries(probed.map(([path]) => [path.slice(1), path.slice(1)])),
  };
  return new Map([["/", indexPage({ name, addresses, page })], ...probed]);
}
