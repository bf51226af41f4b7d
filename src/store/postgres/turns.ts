import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf, type Cell } from "./array.ts";

/** Priorities of a method, and so places of it in an array. */
const PRIORITIES = LIMITS.priorityMax + 1;
/** Of so many claims in which tenants take turns, one begins with the oldest of all, whoever's it is. */
const OLDEST_EACH = 4;
/** In the text of a caller who is of a tenant. */
const TENANT = /"tenant":"([^"]*)"/;

/** What a claim in which tenants take turns is asked with: the parameters behind those of every claim. */
export type TurnParameters = readonly [last: string, tenants: number, each: number, oldestFirst: boolean];

/** Where the walk of a method and priority came to: its place among the methods wanted, and the tenant. */
export type Reached = readonly (readonly [place: number, tenant: string])[];

/**
 * Whether tenants take turns in the next claim, and whose turn it is: one operation of each tenant, then a second one, and so on; what
 * is left goes to the oldest. They do as long as claims leave something that they might have taken, once anything of a tenant's
 * was claimed: where there are no tenants, no claim asks for them.
 */
export class Turns {
  /** The tenant that the last claim came to, by method: one for each priority. */
  readonly #last = new Map<string, string[]>();
  /** Whether anything of a tenant's was ever claimed here. */
  #areThere = false;
  #areTaken = false;
  /** Tenants of which the last claim took something. */
  #tenants = 1;
  #claims = 0;

  /** What the next claim is asked with. Undefined: as it is where there are no tenants. */
  next({ limit, wanted }: Pick<ClaimCommand, "limit" | "wanted">): TurnParameters | undefined {
    if (!this.#areTaken) return undefined;
    const oldestFirst = this.#claims++ % OLDEST_EACH === OLDEST_EACH - 1;
    const most = Math.min(oldestFirst ? limit - 1 : limit, LIMITS.turnsMax);
    if (most <= 0) return undefined;
    const last = wanted.flatMap(({ method }): readonly Cell[] => this.#last.get(method) ?? NONE);
    return [arrayOf(last), most, Math.ceil(limit / this.#tenants), oldestFirst];
  }

  /** Takes notice of what a claim took and left. @param reached where tenants took turns */
  learn(
    { wanted, leaseMs }: Pick<ClaimCommand, "wanted" | "leaseMs">,
    { operations, nextTime }: ClaimAnswer,
    reached: Reached = [],
  ): void {
    const tenants = new Set(operations.map(tenantOf));
    tenants.delete(undefined);
    const [first] = operations;
    const isMore = first?.leaseTime != null && nextTime !== null && nextTime <= first.leaseTime - leaseMs;
    this.#areThere ||= tenants.size > 0;
    this.#areTaken = isMore && this.#areThere;
    this.#tenants = Math.max(1, tenants.size);
    for (const [place, tenant] of reached) {
      const method = wanted[Math.floor(place / PRIORITIES)]?.method;
      if (method === undefined) continue;
      const last = this.#last.get(method) ?? [...NONE];
      last[place % PRIORITIES] = tenant;
      this.#last.set(method, last);
    }
  }
}

const NONE: readonly string[] = Array.from({ length: PRIORITIES }, () => "");

function tenantOf({ caller }: Operation): string | undefined {
  return caller === null ? undefined : TENANT.exec(caller)?.[1];
}
