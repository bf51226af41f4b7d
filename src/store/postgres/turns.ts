import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf, type Cell } from "./array.ts";

/** The number of priorities of a method, and of their places in an array. */
const PRIORITIES = LIMITS.priorityMax + 1;
/** One in this many claims with turns begins with the oldest operation, whatever its tenant. */
const OLDEST_EACH = 4;
/** Found in the text of every caller with a tenant. */
const TENANT = /"tenant":"([^"]*)"/;

/** The parameters of a claim in which tenants take turns, after those of every claim. */
export type TurnParameters = readonly [last: string, tenants: number, each: number, oldestFirst: boolean];

/**
 * The point where the walk of a method and priority stopped: its position among the wanted methods,
 * and the tenant.
 */
export type Reached = readonly (readonly [place: number, tenant: string])[];

/**
 * Decides whether tenants take turns in the next claim, and whose turn it is: one operation of each
 * tenant, then a second one, and so on; the rest of the claim goes to the oldest operations. Once
 * an operation with a tenant was claimed, they take turns as long as claims leave operations that
 * they could have taken; without tenants, no claim looks for them.
 */
export class Turns {
  /** The tenants at which the last claim stopped, by method: one for each priority. */
  readonly #last = new Map<string, string[]>();
  /** Whether an operation with a tenant was ever claimed here. */
  #areThere = false;
  #areTaken = false;
  /** The number of tenants from which the last claim took operations. */
  #tenants = 1;
  #claims = 0;

  /** The parameters of the next claim. Undefined for a claim without turns. */
  next({ limit, wanted }: Pick<ClaimCommand, "limit" | "wanted">): TurnParameters | undefined {
    if (!this.#areTaken) return undefined;
    const oldestFirst = this.#claims++ % OLDEST_EACH === OLDEST_EACH - 1;
    const most = Math.min(oldestFirst ? limit - 1 : limit, LIMITS.turnsMax);
    if (most <= 0) return undefined;
    const last = wanted.flatMap(({ method }): readonly Cell[] => this.#last.get(method) ?? NONE);
    return [arrayOf(last), most, Math.ceil(limit / this.#tenants), oldestFirst];
  }

  /**
   * Learns from the operations that a claim took and left. @param reached where the walks stopped,
   * if tenants took turns
   */
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
