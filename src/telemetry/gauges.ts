import type { Clock } from "../core/ports/clock.ts";
import type { LiveCount } from "../core/ports/statistics-store.ts";
import { LIMITS } from "../core/limits.ts";
import { SharedRead } from "../core/shared-read.ts";
import type { BoundedNames } from "./bounded-names.ts";
import type { GaugeName, Reading } from "./metrics.ts";

/** The sources of the gauges. */
export interface Observed {
  /** The slots of this process's worker. */
  slots(): { readonly used: number; readonly limit: number };
  /** The number of waiting callers in this process. */
  waiting(): number;
  /** The number of watching callers. */
  watching(): number;
  /**
   * The numbers of operations in the store. @throws {StatusError} UNAVAILABLE if they are currently
   * unknown
   */
  counts(): Promise<readonly LiveCount[]>;
  /** The store's clock. */
  time(): number;
}

/** The counts of a method, by gauge. */
const LIVE = {
  "longrunning.operations.pending": ({ waiting }) => waiting,
  "longrunning.operations.delayed": ({ delayed }) => delayed,
  "longrunning.operations.blocked": ({ blocked }) => blocked,
  "longrunning.operations.running": ({ running }) => running,
} as const satisfies Partial<Record<GaugeName, (count: LiveCount) => number>>;

const NOTHING = { waiting: 0, blocked: 0, delayed: 0, running: 0, oldestWaiting: null, oldestBlocked: null };

/** Older counts would look like those of a service that stands still. */
const TIMES = { freshMs: LIMITS.metricsCountMs, staleMs: 4 * LIMITS.metricsCountMs };

/** Reads gauges. The store is queried on demand, at most every `LIMITS.metricsCountMs`. */
export class Gauges {
  readonly #observed: Observed;
  readonly #counts: SharedRead<readonly LiveCount[]>;
  readonly #declared: readonly string[];
  readonly #labels: Pick<BoundedNames, "labelOf">;

  constructor(parts: {
    readonly observed: Observed;
    readonly clock: Pick<Clock, "monotonic">;
    /** The methods that are shown even without operations. */
    readonly declared: Iterable<string>;
    readonly labels: Pick<BoundedNames, "labelOf">;
  }) {
    const { observed, clock } = parts;
    this.#observed = observed;
    this.#counts = new SharedRead(() => observed.counts(), clock, TIMES);
    this.#declared = [...parts.declared];
    this.#labels = parts.labels;
  }

  /** Never rejects: gauges that the store does not answer are left out. */
  async readings(): Promise<readonly Reading[]> {
    // An unavailable store is reported elsewhere, repeatedly.
    const counts = await this.#counts.get().then(
      ({ value }) => value,
      () => undefined,
    );
    const { used, limit } = this.#observed.slots();
    return [
      { name: "longrunning.slots.used", values: [], value: used },
      { name: "longrunning.slots.limit", values: [], value: limit },
      { name: "longrunning.waiters", values: [], value: this.#observed.waiting() },
      { name: "longrunning.watchers", values: [], value: this.#observed.watching() },
      ...(counts === undefined ? [] : this.#live(counts)),
    ];
  }

  #live(counts: readonly LiveCount[]): Reading[] {
    const byLabel = new Map<string, LiveCount>();
    for (const method of this.#declared) byLabel.set(this.#labels.labelOf(method), { ...NOTHING, method });
    for (const count of counts) {
      const label = this.#labels.labelOf(count.method);
      byLabel.set(label, together(byLabel.get(label), count));
    }
    const now = this.#observed.time();
    return Array.from(byLabel, ([label, count]) => readingsOf(label, count, now)).flat();
  }
}

function readingsOf(label: string, count: LiveCount, now: number): Reading[] {
  const age = count.oldestWaiting === null ? 0 : Math.max(0, now - count.oldestWaiting) / 1_000;
  return [
    ...Object.entries(LIVE).map(([name, of]) => ({
      name: name as keyof typeof LIVE,
      values: [label],
      value: of(count),
    })),
    { name: "longrunning.operations.pending.age.max", values: [label], value: age },
  ];
}

/** Adds the counts of methods that share a label. */
function together(a: LiveCount | undefined, b: LiveCount): LiveCount {
  if (a === undefined) return b;
  return {
    method: a.method,
    waiting: a.waiting + b.waiting,
    blocked: a.blocked + b.blocked,
    delayed: a.delayed + b.delayed,
    running: a.running + b.running,
    oldestWaiting: earlier(a.oldestWaiting, b.oldestWaiting),
    oldestBlocked: earlier(a.oldestBlocked, b.oldestBlocked),
  };
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.min(a, b);
}
