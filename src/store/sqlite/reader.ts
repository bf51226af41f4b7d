import { RECORDS, ROWS, SHOWN } from "../list/gathered-page.ts";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { OperationRow } from "../../core/list/operation-row.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import type { DueAnswer, DueQuery } from "../../core/ports/store.ts";
import { type OperationRow as RecordRow, toOperation } from "./row.ts";
import { ListLookup, ListStatements } from "./list-lookup.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements.ts";

/** The store's queries, on the connection of the reader or the writer. Synchronous. */
export class Reader {
  readonly #read: StatementSync;
  readonly #lists: ListStatements;
  readonly #due: Readonly<Record<DueQuery["by"], StatementSync>>;

  constructor(database: DatabaseSync) {
    this.#read = prepareForRows(database, sql.READ);
    this.#lists = new ListStatements(database);
    this.#due = {
      lease: prepareForRows(database, sql.DUE_LEASES),
      deadline: prepareForRows(database, sql.DUE_DEADLINES),
    };
  }

  read(id: string): Operation | undefined {
    const row = rowOf(this.#read, id);
    return row === undefined ? undefined : toOperation(row as RecordRow);
  }

  /** A page of a list, to be looked up in turns. */
  list(query: ListQuery): ListLookup<Operation> {
    return new ListLookup(this.#lists, query, query.content === "SHOWN" ? SHOWN : RECORDS);
  }

  /** The same for rows. */
  rows(query: ListQuery): ListLookup<OperationRow> {
    return new ListLookup(this.#lists, query, ROWS);
  }

  due({ by, limit, after }: DueQuery, now: number): DueAnswer {
    const [time = -1, place = 0] = after === null ? [] : after.split(" ").map(Number);
    const rows = rowsOf(this.#due[by], now, time, place, limit) as readonly DueRow[];
    const last = rows.at(-1);
    const count = last?.[4] ?? rows.length;
    return {
      ids: rows.filter(([, , , isDue = 1]) => isDue === 1).map(([id]) => id),
      next: last === undefined || count < limit ? null : `${last[1]} ${last[2]}`,
    };
  }
}

/**
 * The last two values exist for leases only: whether the lease has expired, and how many operations
 * the page examined.
 */
type DueRow = readonly [id: string, time: number, place: number, isDue?: number, count?: number];
