import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertCommand } from "../../core/ports/store.ts";
import { prepareForRows, rowOf } from "./connection.ts";
import type { ChangeRow } from "../cells.ts";
import * as sql from "./statements.ts";

/** The method and key whose operations share a limit. */
export interface Key {
  readonly method: string;
  readonly key: string;
}

type Limit = NonNullable<InsertCommand["parallel"]>;

/**
 * Places limit how many operations of a method and key run in parallel. The class runs on the
 * connection that writes, inside its transaction.
 *
 * Terms: an unfinished operation that is not blocked *holds* a place; the others wait in a *queue*,
 * whose head is unblocked when a place is given up. While any operation waits, at least one holds a
 * place. The transaction that gives a place up unblocks the next operation, so no queue is
 * forgotten.
 */
export class Places {
  readonly #places: StatementSync;
  readonly #head: StatementSync;
  readonly #unblock: StatementSync;

  constructor(database: DatabaseSync) {
    this.#places = prepareForRows(database, sql.PLACES);
    this.#head = prepareForRows(database, sql.HEAD);
    this.#unblock = prepareForRows(database, sql.UNBLOCK);
  }

  /** Whether a place is free: no operation waits, and fewer operations than the limit hold one. */
  isFree(key: Key, { limit }: Limit): boolean {
    return this.#headOf(key) === undefined && this.#countPlaces(key, limit) < limit;
  }

  /** Unblocks heads of the queue while places are free, for example after the limit was raised. */
  unblockWhileFree(key: Key, { limit }: Limit): readonly ChangeRow[] {
    const rows: ChangeRow[] = [];
    for (let held = this.#countPlaces(key, limit); held < limit; held += 1) {
      const row = this.unblockNext(key);
      if (row === undefined) break;
      rows.push(row);
    }
    return rows;
  }

  /** Unblocks the head of the queue, if any operation waits. */
  unblockNext(key: Key): ChangeRow | undefined {
    const id = this.#headOf(key);
    return id === undefined ? undefined : (rowOf(this.#unblock, id) as ChangeRow | undefined);
  }

  #headOf({ method, key }: Key): string | undefined {
    return (rowOf(this.#head, method, key) as readonly [id: string] | undefined)?.[0];
  }

  #countPlaces({ method, key }: Key, most: number): number {
    return (rowOf(this.#places, method, key, most) as readonly [count: number] | undefined)?.[0] ?? 0;
  }
}

/** The key of an operation; undefined if the operation has no limit. */
export function keyOf({ method, parallelKey }: Pick<Operation, "method" | "parallelKey">): Key | undefined {
  return parallelKey === null ? undefined : { method, key: parallelKey };
}
