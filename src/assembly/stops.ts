import type { Health } from "../server/probes/health.ts";
import { probes } from "../server/probes/probes.ts";
import { indexPage } from "../server/stops/index-page.ts";
import type { Stops } from "../server/stops/stop.ts";

/** What the stops of a service tell of. */
export interface StopsParts {
  readonly health: Health;
  /** The service's name. */
  readonly name: string;
  /** The version that the service is known by first, such as `v1`. */
  readonly version: string;
}

/** The single addresses that a service answers before its edges: the probes, and the index at `/`. */
export function stopsOf({ health, name, version }: StopsParts): Stops {
  const probed = probes(health);
  const addresses = {
    operations: `${version}/operations`,
    discovery: "$discovery/rest",
    openapi: "openapi.json",
    ...Object.fromEntries(probed.map(([path]) => [path.slice(1), path.slice(1)])),
  };
  return new Map([["/", indexPage({ name, addresses })], ...probed]);
}
