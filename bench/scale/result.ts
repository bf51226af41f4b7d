import type { Check } from "../measure.ts";
import type { Ratios } from "./loaded.ts";
import type { Shape } from "./service.ts";
import type { ScaleSize } from "./size.ts";

/** What a service of a shape did under the load: the median of its turns. */
export interface LoadedRow extends Shape {
  /** Operations. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of an operation in our processes, in microseconds. */
  readonly ours: number;
  /** CPU of an operation in the database's processes, in microseconds. */
  readonly database: number;
  /** Statements or transactions of an operation. */
  readonly counted: number;
}

/** What one process did that had nothing to do. */
export interface IdleRow {
  readonly role: "api" | "worker";
  readonly methods: number;
  /** Statements or transactions. */
  readonly perSecond: number;
}

/** What was measured on one store. */
export interface StoreResult {
  readonly name: string;
  readonly settings: string;
  readonly counts: "statements" | "transactions";
  readonly rows: readonly LoadedRow[];
  readonly ratios: Ratios;
  readonly idle: readonly IdleRow[];
}

/** One run, as it is kept. */
export interface ScaleResult {
  readonly time: string;
  readonly commit: string;
  readonly machine: Readonly<Record<string, string>>;
  readonly size: ScaleSize;
  readonly stores: readonly StoreResult[];
  /** Stores that were not there. */
  readonly skipped: readonly string[];
}

/** An operation may cost so much more with many processes than with one of each role. */
const RATIO_MAX = 1.3;
const IDLE_PER_SECOND_MAX = 2;

/** What is compared with a limit. */
export function checksOf({ name, counts, ratios, idle }: StoreResult): readonly Check[] {
  const ratio = (whose: string, value: number): Check => ({
    what: `${name}: CPU of an operation${whose}, 3 + 4 as a multiple of 1 + 1`,
    value,
    limit: RATIO_MAX,
    rule: "at most",
  });
  return [
    ratio("", ratios.all),
    ratio(" in our processes", ratios.ours),
    ...idle.map(
      ({ role, methods, perSecond }): Check => ({
        what: `${name}: ${counts}/s of an idle ${role} process, ${methods} ${methods === 1 ? "method" : "methods"}`,
        value: perSecond,
        limit: IDLE_PER_SECOND_MAX,
        rule: "at most",
      }),
    ),
  ];
}
