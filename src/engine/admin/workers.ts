import { compileFilter } from "../../core/filter/check.ts";
import { DEFAULT_ORDER } from "../../core/list/order.ts";
import { LIMITS } from "../../core/limits.ts";
import { collectionOf, WILDCARD } from "../../core/operation/collection.ts";
import type { ProcessRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { readProcesses } from "./facts.ts";

/** A process as shown to operators. */
export interface WorkerState extends Omit<ProcessRow, "id"> {
  readonly worker: string;
  /** The end of its last lease, if the process is silent; null otherwise. */
  readonly leasesEndTime: number | null;
}

/** Processes, with the time of the read. */
export interface Workers {
  readonly workers: readonly WorkerState[];
  readonly asOf: number;
}

/**
 * A process is silent after this time without a report; it normally reports three times as often.
 */
const SILENT_MS = 30_000;

/** The live processes, and those that vanished recently without an announcement. */
export async function readWorkers(store: Store): Promise<Workers> {
  const now = store.time();
  const [living, known] = await Promise.all([
    readProcesses(store, now),
    store.statistics.processes(now - LIMITS.processKeptMs, LIMITS.adminWorkersMax),
  ]);
  const vanished = known.filter((row) => !row.draining && row.seenTime < now - LIMITS.processGoneMs);
  const processes = [...living, ...vanished.slice(0, LIMITS.adminVanishedMax)];
  const isSilent = ({ seenTime, running }: ProcessRow): boolean => running > 0 && now - seenTime > SILENT_MS;
  const ends = processes.some(isSilent) ? await leaseEnds(store) : new Map<string, number>();
  const workers = processes.map((row) => {
    const { id: worker, ...shown } = row;
    return { worker, ...shown, leasesEndTime: isSilent(row) ? (ends.get(worker) ?? null) : null };
  });
  return { workers, asOf: now };
}

/** The end of each worker's last lease, from as many operations as one page holds. */
async function leaseEnds(store: Store): Promise<ReadonlyMap<string, number>> {
  const filter = compileFilter("metadata.state = RUNNING") ?? null;
  const query = { collection: collectionOf(WILDCARD), filter, order: DEFAULT_ORDER, after: null };
  const { operations } = await store.list({ ...query, limit: LIMITS.pageSizeMax, content: "SHOWN" });
  const ends = new Map<string, number>();
  for (const { worker, leaseTime } of operations) {
    if (worker === null || leaseTime === null) continue;
    ends.set(worker, Math.max(leaseTime, ends.get(worker) ?? 0));
  }
  return ends;
}
