import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../core/operation.ts";
import type { ListQuery } from "../../core/store.ts";
import { type OperationRow, toOperation } from "./row.ts";
import { ListLookup, ListStatements } from "./list-lookup.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements.ts";

/** The questions, on a connection that may be the reader's or the writer's. Synchronous. */
export class Reader {
  readonly #read: StatementSync;
  readonly #lists: ListStatements;
  readonly #due: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = prepareForRows(database, sql.READ);
    this.#lists = new ListStatements(database);
    this.#due = prepareForRows(database, sql.DUE);
  }

  read(ids: readonly string[]): readonly (Operation | undefined)[] {
    return ids.map((id) => {
      const row = rowOf(this.#read, id);
      return row === undefined ? undefined : toOperation(row as OperationRow);
    });
  }

  /** A page of a list, to be looked up turn by turn. */
  list(query: ListQuery): ListLookup {
    return new ListLookup(this.#lists, query);
  }

  due(now: number, limit: number): readonly Operation[] {
    const rows = rowsOf(this.#due, now, now, Math.max(0, limit));
    return (rows as readonly OperationRow[]).map(toOperation);
  }
}
