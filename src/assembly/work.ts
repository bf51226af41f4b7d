import { systemClock } from "../core/ports/clock.ts";
import type { Teller } from "../core/teller.ts";
import type { Duration } from "../core/value/duration.ts";
import { AllowedHosts, isLoopback } from "../server/listening/host.ts";
import { Health } from "../server/probes/health.ts";
import { API_VERSION } from "../server/view.ts";
import { type OpenedWorker, openWorkerToldBy } from "./open-worker.ts";
import type { OpenWorkerOptions } from "./open-worker-options.ts";
import { openProbePort, type Port } from "./ports.ts";
import { probeStopsOf } from "./stops.ts";

/** The options of `longrunning work`. */
export interface WorkOptions extends OpenWorkerOptions {
  /** The certificate authorities for the server, as PEM. */
  readonly ca: string;
  /** The host of the probe port. */
  readonly host: string;
  /** 0 for any free port; undefined for none. */
  readonly probePort: number | undefined;
}

/** A worker of a server, with its probes. */
export interface Working {
  readonly worker: OpenedWorker;
  /** The address of the probe port; empty without one. */
  readonly probeUrl: string;
  stop(options?: { readonly drain?: Duration }): Promise<void>;
}

/**
 * Opens a worker of a server, and a probe port if requested: `/readyz` shows whether the server
 * answers. It throws the same errors as `openWorker`, and those of other ports.
 */
export async function workToldBy(
  teller: Teller,
  { ca, host, probePort, ...options }: WorkOptions,
): Promise<Working> {
  const { clock = systemClock, name = "longrunning" } = options;
  const health = new Health(clock);
  const probes: Port | undefined =
    probePort === undefined
      ? undefined
      : await openProbePort({
          host,
          port: probePort,
          stops: probeStopsOf({ health, name, version: API_VERSION }),
          allowedHosts: isLoopback(host) ? new AllowedHosts([]) : undefined,
          health,
          clock,
          tell: teller.tell,
        });
  const close = async (): Promise<void> => probes?.listening.close({ graceMs: 0 });
  try {
    const worker = await openWorkerToldBy(teller, options, { ca });
    health.opened(async () => {
      if (worker.trouble !== undefined) throw worker.trouble;
    });
    return {
      worker,
      probeUrl: probes?.url ?? "",
      stop: async (how) => {
        health.drain();
        await worker.stop(how);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
