import type { Health } from "../server/probes/health.ts";
import { probes } from "../server/probes/probes.ts";
import { indexPage } from "../server/stops/index-page.ts";
import { metricsPage } from "../server/stops/metrics-page.ts";
import type { Stop, Stops } from "../server/stops/stop.ts";

/** What the stops of a service tell of. */
export interface StopsParts {
  readonly health: Health;
  /** What whoever looks closely at the probes is to know. @default nothing */
  readonly notes?: readonly string[];
  /** The service's name. */
  readonly name: string;
  /** The version that the service is known by first, such as `v1`. */
  readonly version: string;
  /** Writes all metrics. @default none are shown */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** The page for people, such as `admin/`. @default there is none */
  readonly page?: string | undefined;
}

/** The single addresses that a service answers before its edges: the probes, metrics, and the index at `/`. */
export function stopsOf(parts: StopsParts): Stops {
  const { name, version, page } = parts;
  const addresses = {
    operations: `${version}/operations`,
    discovery: "$discovery/rest",
    openapi: "openapi.json",
    ...addressesOf(pages(parts)),
  };
  return new Map([["/", indexPage({ name, addresses, page })], ...pages(parts)]);
}

/** The same for a port that has nothing else. */
export function probeStopsOf(parts: StopsParts): Stops {
  const addresses = addressesOf(pages(parts));
  return new Map([["/", indexPage({ name: parts.name, addresses })], ...pages(parts)]);
}

type Pages = readonly (readonly [path: string, stop: Stop])[];

function pages({ health, notes, metrics }: StopsParts): Pages {
  const counted = metrics === undefined ? [] : [["/metrics", metricsPage(metrics)] as const];
  return [...probes(health, notes), ...counted];
}

function addressesOf(shown: Pages): Readonly<Record<string, string>> {
  return Object.fromEntries(shown.map(([path]) => [path.slice(1), path.slice(1)]));
}
