import { ANONYMOUS, type Caller, IN_PROCESS } from "../core/caller.ts";
import type { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { isRead, type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Quotas } from "../core/ports/quotas.ts";
import type { QuotaRule, QuotaSubject, Rate, RateMetric } from "../core/quota.ts";
import { Amounts, type AmountsParts } from "./amounts.ts";
import { Buckets } from "./buckets.ts";
import { amountExceeded, type Exceeded, rateExceeded } from "./refusal.ts";

/** The parts of the quotas. */
export interface RateQuotasParts {
  /** The current rules. */
  readonly rules: () => readonly QuotaRule[];
  /** The name of the service. */
  readonly service: string;
  readonly clock: Clock;
  /** The number of processes that currently share each rate. */
  readonly processes: () => number;
  /** Counts the unfinished operations of a tenant, up to `most`. */
  readonly unfinished: AmountsParts["count"];
}

/** A rate that applies to a call. */
interface Counted {
  readonly key: string;
  readonly subject: string;
  readonly rate: Rate;
}

const STARTS: ReadonlySet<Permission> = new Set([PERMISSIONS.start, PERMISSIONS.adminStart]);

function isFor(rule: QuotaRule, of: QuotaSubject, name: string): boolean {
  return rule.of === of && (rule.only?.has(name) ?? true);
}

/** The metric for calls that need a permission. */
export function metricOf(permission: Permission): RateMetric {
  if (permission === PERMISSIONS.wait || permission === PERMISSIONS.watch) return "wait";
  return isRead(permission) ? "read" : "write";
}

/**
 * Callers without a principal count by their address; for IPv6 by the network, because a caller can
 * have many addresses.
 */
function addressOf({ principal, sender }: Caller): string {
  const ip = sender?.ip;
  if (ip === undefined) return principal;
  return ip.includes(":") && !ip.startsWith("::ffff:") ? `${networkOf(ip)}::/64` : ip;
}

/** The first four groups of an IPv6 address, in which a run of zeros may be omitted. */
function networkOf(ip: string): string {
  const [head = [], tail = []] = ip.split("::").map((part) => part.split(":"));
  const left = Math.max(0, 8 - head.length - tail.length);
  const zeros = Array.from({ length: left }, () => "0");
  return [...head, ...zeros, ...tail].slice(0, 4).join(":");
}

/**
 * Limits the calls of tenants, principals and their users, with token buckets in this process, and
 * the unfinished operations of tenants. A call counts for each of them that has a limit; if one
 * limit is reached, it counts for none. The program itself has no limits, because it is not a
 * caller.
 */
export class RateQuotas implements Quotas {
  readonly #parts: RateQuotasParts;
  readonly #buckets = new Buckets();
  readonly #amounts: Amounts;
  /** The number of refusals in their pause. */
  #pausing = 0;

  constructor(parts: RateQuotasParts) {
    this.#parts = parts;
    this.#amounts = new Amounts({ clock: parts.clock, count: parts.unfinished });
  }

  passes(call: Call): boolean {
    return this.#count(call) === undefined;
  }

  take(call: Call): Promise<void> | undefined {
    const exceeded = this.#count(call);
    if (exceeded !== undefined)
      return this.#refuse(rateExceeded(exceeded, this.#parts.service), exceeded.retryMs);
    return STARTS.has(call.permission) ? this.#takeUnfinished(call.caller) : undefined;
  }

  #takeUnfinished({ principal, tenant }: Caller): Promise<void> | undefined {
    if (tenant === null || principal === IN_PROCESS.principal) return undefined;
    const fits = (rule: QuotaRule): boolean => isFor(rule, "tenant", tenant) && rule.unfinished !== undefined;
    const limit = this.#parts.rules().find(fits)?.unfinished;
    if (limit === undefined) return undefined;
    const isWithin = this.#amounts.add(tenant, limit);
    if (isWithin === true) return undefined;
    const refuse = (): Promise<never> =>
      this.#refuse(amountExceeded({ subject: tenant, limit }, this.#parts.service), LIMITS.quotaPauseMs);
    if (isWithin === false) return refuse();
    return isWithin.then((each) => (each ? undefined : refuse()));
  }

  /** @returns the exceeded limit with the longest wait, and then nothing is counted */
  #count({ caller, permission }: Call): Exceeded | undefined {
    if (this.#parts.rules().length === 0) return undefined;
    const metric = metricOf(permission);
    const counted = this.#countedOf(caller, metric);
    const moment = { now: this.#parts.clock.monotonic(), share: 1 / Math.max(1, this.#parts.processes()) };
    let exceeded: Exceeded | undefined;
    for (const { key, rate, subject } of counted) {
      const retryMs = this.#buckets.missingMs(key, rate, moment);
      if (retryMs > (exceeded?.retryMs ?? 0)) exceeded = { metric, rate, subject, retryMs };
    }
    if (exceeded === undefined) for (const { key, rate } of counted) this.#buckets.take(key, rate, moment);
    return exceeded;
  }

  async #refuse(error: StatusError, retryMs: number): Promise<never> {
    if (this.#pausing < LIMITS.quotaPausesMax) {
      this.#pausing++;
      const pauseMs = Math.min(retryMs, LIMITS.quotaPauseMs);
      await new Promise<void>((resolve) => this.#parts.clock.after(pauseMs, resolve));
      this.#pausing--;
    }
    throw error;
  }

  #countedOf(caller: Caller, metric: RateMetric): readonly Counted[] {
    if (caller.principal === IN_PROCESS.principal) return [];
    const { tenant, quotaUser } = caller;
    const principal = caller.principal === ANONYMOUS.principal ? addressOf(caller) : caller.principal;
    const counted: Counted[] = [];
    const add = (of: QuotaSubject, name: string, subject: string): void => {
      const rate = this.#rateOf(of, name, metric);
      if (rate !== undefined) counted.push({ key: `${of} ${metric} ${subject}`, subject, rate });
    };
    if (tenant !== null) add("tenant", tenant, tenant);
    add("principal", principal, principal);
    if (quotaUser !== undefined) add("quotaUser", principal, `${principal} ${quotaUser}`);
    return counted;
  }

  #rateOf(of: QuotaSubject, name: string, metric: RateMetric): Rate | undefined {
    const fits = (rule: QuotaRule): boolean => isFor(rule, of, name) && rule.rates[metric] !== undefined;
    return this.#parts.rules().find(fits)?.rates[metric];
  }
}
