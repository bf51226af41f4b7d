import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Quotas } from "../core/ports/quotas.ts";
import type { Store } from "../core/ports/store.ts";
import { parseRate, QUOTA_SUBJECTS, type QuotaRule, type QuotaSubject, RATE_METRICS } from "../core/quota.ts";
import type { OpenedAccess } from "./access.ts";
import { checkOptionNames, shownOption } from "../core/value/options.ts";

/** The rate limits of a kind of subject. The first rule for a subject that has a rate counts. */
export interface QuotaOptions {
  /**
   * Applies to each tenant, each principal, or each user that a principal names (`quotaUser`),
   * separately.
   */
  readonly of: QuotaSubject;
  /** Limits the rule to these tenants or principals. @default all */
  readonly only?: readonly string[];
  /**
   * Gets and lists per second (`s`), minute (`m`) or hour (`h`), such as `"600/m"`. @default
   * unlimited
   */
  readonly read?: string;
  /** Starts, cancels, deletes, and calls that are answered immediately. @default unlimited */
  readonly write?: string;
  /** Waits, and starts of watches. @default unlimited */
  readonly wait?: string;
  /**
   * The most unfinished operations of a tenant, up to 100,000. For tenants only. @default unlimited
   */
  readonly unfinished?: number;
}

/** Opened quotas. */
export interface OpenedQuotas {
  readonly quotas: Quotas;
  /** Whether there are currently rules: a reloaded file may have others. */
  readonly hasRules: () => boolean;
  stop(): void;
}

/** Opens the quotas of the options, or else of the rules; undefined without either. */
export async function quotasOf(parts: {
  readonly quotas: readonly QuotaOptions[] | undefined;
  readonly access: Pick<OpenedAccess, "quotas"> | undefined;
  readonly settings: { readonly name: string };
  readonly store: Store;
  readonly clock: Clock;
}): Promise<OpenedQuotas | undefined> {
  const { quotas: options, access, settings } = parts;
  const own = options === undefined ? undefined : quotaRulesOf(options);
  const rules = own === undefined ? access?.quotas : (): readonly QuotaRule[] => own;
  if (rules === undefined) return undefined;
  const [{ RateQuotas }, { LiveProcesses }] = await Promise.all([
    import("../quotas/quotas.ts"),
    import("../quotas/live-processes.ts"),
  ]);
  const live = new LiveProcesses(parts);
  live.start();
  return {
    quotas: new RateQuotas({
      ...parts,
      rules,
      service: settings.name,
      processes: () => live.count,
      unfinished: (tenant, most) => parts.store.statistics.unfinished(tenant, most),
    }),
    hasRules: () => rules().length > 0,
    stop: () => live.stop(),
  };
}

/** The rules of validated options. */
export function quotaRulesOf(options: readonly QuotaOptions[]): readonly QuotaRule[] {
  return options.map(({ of, only, unfinished, ...written }) => {
    const rates = RATE_METRICS.map((metric) => [metric, parseRate(written[metric] ?? "")] as const);
    return {
      of,
      only: only === undefined ? undefined : new Set(only),
      rates: Object.fromEntries(rates.filter(([, rate]) => rate !== undefined)),
      unfinished,
    };
  });
}

/** @throws {TypeError} with the invalid member */
export function checkQuotas(what: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new TypeError(
      `${what}: expected a list such as [{ of: "principal", read: "600/m" }], got ${shownOption(value)}`,
    );
  const list: readonly unknown[] = value;
  for (const [index, each] of list.entries()) checkQuota(`${what}[${index}]`, each);
}

function checkQuota(what: string, value: unknown): void {
  checkOptionNames(what, value, ["of", "only", ...RATE_METRICS, "unfinished"], {
    example: '{ of: "principal", read: "600/m" }',
  });
  const { of, only, unfinished, ...rates } = value as Readonly<Record<string, unknown>>;
  if (!QUOTA_SUBJECTS.some((each) => each === of))
    throw new TypeError(`${what}.of: expected ${QUOTA_SUBJECTS.join(", ")}, got ${shownOption(of)}`);
  if (only !== undefined && !(Array.isArray(only) && only.every((each) => typeof each === "string")))
    throw new TypeError(`${what}.only: expected a list of texts, got ${shownOption(only)}`);
  checkUnfinished(what, of, unfinished);
  for (const [metric, rate] of Object.entries(rates)) {
    if (rate === undefined || (typeof rate === "string" && parseRate(rate) !== undefined)) continue;
    throw new TypeError(
      `${what}.${metric}: expected calls in a second, a minute or an hour, such as "600/m", got ${shownOption(rate)}`,
    );
  }
}

function checkUnfinished(what: string, of: unknown, value: unknown): void {
  if (value === undefined) return;
  if (of !== "tenant")
    throw new TypeError(`${what}.unfinished: it is for tenants, and this is of each ${String(of)}`);
  const max = LIMITS.unfinishedMax;
  if (!(Number.isInteger(value) && Number(value) >= 1 && Number(value) <= max))
    throw new TypeError(
      `${what}.unfinished: expected a whole number from 1 to ${max}, got ${shownOption(value)}`,
    );
}
