import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertCommand } from "../../core/ports/store.ts";
import { prepareForRows, rowOf } from "./connection.ts";
import type { ChangeRow } from "../cells.ts";
import * as sql from "./statements.ts";

/** A method and a key whose operations are limited together. */
export interface Place {
  readonly method: string;
  readonly key: string;
}

type Limit = NonNullable<InsertCommand["parallel"]>;

/**
 * The places of operations that are limited in how many of a method and key go on at once, on the connection that writes
 * and inside of its transaction.
 *
 * Words: a place is *held* by an unfinished operation that is not blocked; the others wait in a *queue*, whose head is
 * unblocked when a place is given up. While anything waits, somebody holds a place: what is given up is passed on in the
 * same transaction, so that no queue is ever forgotten.
 */
export class Places {
  readonly #held: StatementSync;
  readonly #head: StatementSync;
  readonly #unblock: StatementSync;

  constructor(database: DatabaseSync) {
    this.#held = prepareForRows(database, sql.PLACES);
    this.#head = prepareForRows(database, sql.HEAD);
    this.#unblock = prepareForRows(database, sql.UNBLOCK);
  }

  /** Whether another operation can go on at once: nothing waits, and fewer than the limit hold a place. */
  isFree(place: Place, { limit }: Limit): boolean {
    return this.#headOf(place) === undefined && this.#countHeld(place, limit) < limit;
  }

  /** Unblocks heads of the queue while places are free, which they are where the limit was raised. */
  passOnWhileFree(place: Place, { limit }: Limit): readonly ChangeRow[] {
    const rows: ChangeRow[] = [];
    for (let held = this.#countHeld(place, limit); held < limit; held += 1) {
      const row = this.passOn(place);
      if (row === undefined) break;
      rows.push(row);
    }
    return rows;
  }

  /** Unblocks the head of the queue, if anything waits. */
  passOn(place: Place): ChangeRow | undefined {
    const id = this.#headOf(place);
    return id === undefined ? undefined : (rowOf(this.#unblock, id) as ChangeRow | undefined);
  }

  #headOf({ method, key }: Place): string | undefined {
    return (rowOf(this.#head, method, key) as readonly [id: string] | undefined)?.[0];
  }

  #countHeld({ method, key }: Place, most: number): number {
    return (rowOf(this.#held, method, key, most) as readonly [count: number] | undefined)?.[0] ?? 0;
  }
}

/** The place that an operation's method and key make; undefined for one that nothing limits. */
export function placeOf({
  method,
  parallelKey,
}: Pick<Operation, "method" | "parallelKey">): Place | undefined {
  return parallelKey === null ? undefined : { method, key: parallelKey };
}
