import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LIMITS } from "../../core/limits.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements-claim.ts";

/** What may be claimed: its id, and since when. */
export type ClaimableRow = readonly [id: string, availableTime: number];

/** A row with its round: the first rounds are claimed first. */
export interface Rounded {
  readonly row: ClaimableRow;
  readonly round: number;
}

/** What turns have given. */
export interface Given {
  readonly rows: readonly Rounded[];
  /** Since when the oldest that was left may be claimed; Infinity where none was. */
  readonly leftTime: number;
}

/** In the text of a caller who is of a tenant. */
const OF_TENANT = '"tenant":"';
/** Behind every round of a tenant. */
const LAST_ROUND = 1_000_000;
/** Of so many claims in which tenants take turns, one begins with the oldest of all, whoever's it is. */
const OLDEST_EACH = 4;

/**
 * The turns of tenants, where more may be claimed than is wanted: one operation of each, then a second one, and so on; what is
 * left goes to the oldest. A claim looks at as many tenants as it has room for, in the order of their names, and the next one goes on
 * behind them. Where there are no tenants, nothing is looked up.
 */
export class Turns {
  readonly #tenantBehind: StatementSync;
  readonly #claimable: StatementSync;
  /** The tenant that the last claim of a method and priority came to. */
  readonly #last = new Map<string, string>();
  /** Whether anything of a tenant's was ever claimed here. Until then nobody is looked for. */
  #areThere = false;
  /** Claims in which tenants took turns. */
  #claims = 0;

  constructor(database: DatabaseSync) {
    this.#tenantBehind = prepareForRows(database, sql.TENANT_BEHIND);
    this.#claimable = prepareForRows(database, sql.CLAIMABLE_OF_TENANT);
  }

  /** Takes notice of who started what was claimed. */
  learn(caller: string | null): void {
    this.#areThere ||= caller?.includes(OF_TENANT) === true;
  }

  /**
   * Gives turns to the tenants that have something claimable of a method and priority.
   *
   * @param oldest as many as there is room for, the oldest first
   * @returns as many; undefined where there is nothing of a tenant's
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

  /** The next tenants behind the last, and from the first on when there are no more. */
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
