import type { Health } from "../server/probes/health.ts";
import { probes } from "../server/probes/probes.ts";
import { indexPage } from "../server/stops/index-page.ts";
import { metricsPage } from "../server/stops/metrics-page.ts";
import type { Stop, Stops } from "../server/stops/stop.ts";

/** The parts of a service's stops. */
export interface StopsParts {
  readonly health: Health;
  /** Notes in the verbose answers of probes. @default none */
  readonly notes?: readonly string[];
  /** The service's name. */
  readonly name: string;
  /** The preferred version of the service, such as `v1`. */
  readonly version: string;
  /** Formats all metrics. @default not exposed */
  readonly metrics?: (() => Promise<string>) | undefined;
  /** The page for people, such as `admin/`. @default none */
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

/** The same for a port with nothing else. */
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
