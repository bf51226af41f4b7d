import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements-claim.ts";

/** An operation that may be claimed: its id, and the time from which. */
export type ClaimableRow = readonly [id: string, availableTime: number];

/** A row with its round: lower rounds are claimed first. */
export interface Rounded {
  readonly row: ClaimableRow;
  readonly round: number;
}

/** The result of a turn. */
export interface Given {
  readonly rows: readonly Rounded[];
  /** The available time of the oldest operation that was not taken; Infinity if there is none. */
  readonly leftTime: number;
}

/** Found in the text of every caller with a tenant. */
const OF_TENANT = '"tenant":"';
/** Greater than every round of a tenant. */
const LAST_ROUND = 1_000_000;
/** One in this many claims with turns begins with the oldest operation, whatever its tenant. */
const OLDEST_EACH = 4;

/**
 * The turns of tenants when more can be claimed than is wanted: one operation of each tenant, then
 * a second one, and so on; the rest of the claim goes to the oldest operations. A claim looks at as
 * many tenants as it wants operations, in the order of their names; the next claim continues after
 * the last of them. Without tenants, it queries nothing.
 */
export class Turns {
  readonly #tenantBehind: StatementSync;
  readonly #claimable: StatementSync;
  /** The tenant at which the last claim of a method and priority stopped. */
  readonly #last = new Map<string, string>();
  /**
   * Whether an operation with a tenant was ever claimed here. Until then, no tenant is looked up.
   */
  #areThere = false;
  /** The number of claims in which tenants took turns. */
  #claims = 0;

  constructor(database: DatabaseSync) {
    this.#tenantBehind = prepareForRows(database, sql.TENANT_BEHIND);
    this.#claimable = prepareForRows(database, sql.CLAIMABLE_OF_TENANT);
  }

  /** Learns from the caller of a claimed operation whether there are tenants. */
  learn(caller: string | null): void {
    this.#areThere ||= caller?.includes(OF_TENANT) === true;
  }

  /**
   * Gives turns to the tenants that have claimable operations of a method and priority.
   *
   * @param oldest the oldest claimable operations, as many as are wanted
   * @returns the same number of operations; undefined if no tenant has any
   */
  give(
    queue: readonly [method: string, priority: number],
    oldest: readonly ClaimableRow[],
    now: number,
  ): Given | undefined {
    if (!this.#areThere) return undefined;
    const room = oldest.length;
    const beginsWithOldest = this.#claims % OLDEST_EACH === OLDEST_EACH - 1;
    const most = Math.min(beginsWithOldest ? room - 1 : room, LIMITS.turnsMax);
    const tenants = most === 0 ? [] : this.#tenants(queue, most);
    if (tenants.length === 0 && most > 0) return undefined;
    this.#claims++;
    const rounded = new Map<string, Rounded>();
    for (const tenant of tenants) {
      const each = Math.ceil(room / tenants.length);
      const rows = rowsOf(this.#claimable, ...queue, tenant, now, now, each) as readonly ClaimableRow[];
      for (const [index, row] of rows.entries()) rounded.set(row[0], { row, round: index + 1 });
    }
    for (const [index, row] of oldest.entries()) {
      const round = index === 0 && beginsWithOldest ? 0 : (rounded.get(row[0])?.round ?? LAST_ROUND + index);
      rounded.set(row[0], { row, round });
    }
    const all = [...rounded.values()].toSorted((a, b) => a.round - b.round || a.row[1] - b.row[1]);
    const leftTime = Math.min(...all.slice(room).map(({ row }) => row[1]));
    return { rows: all.slice(0, room), leftTime };
  }

  /**
   * The next tenants after the last one; at the end of the names, it starts again with the first.
   */
  #tenants(queue: readonly [method: string, priority: number], most: number): readonly string[] {
    const key = queue.join(" ");
    const last = this.#last.get(key) ?? "";
    const behind = this.#walk(queue, most, { after: last });
    const room = last === "" ? 0 : most - behind.length;
    const tenants = [...behind, ...this.#walk(queue, room, { after: "", upTo: last })];
    this.#last.set(key, tenants.at(-1) ?? "");
    return tenants;
  }

  #walk(
    queue: readonly [method: string, priority: number],
    most: number,
    { after, upTo }: { readonly after: string; readonly upTo?: string },
  ): readonly string[] {
    const tenants: string[] = [];
    for (let tenant = after; tenants.length < most; tenants.push(tenant)) {
      const row = rowOf(this.#tenantBehind, ...queue, tenant) as readonly [tenant: string] | undefined;
      if (row === undefined || (upTo !== undefined && row[0] > upTo)) return tenants;
      [tenant] = row;
    }
    return tenants;
  }
}
