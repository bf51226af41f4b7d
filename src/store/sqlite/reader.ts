import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Operation } from "../../core/operation.ts";
import type { ListQuery } from "../../core/store.ts";
import { type OperationRow, toOperation } from "./row.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import * as sql from "./statements.ts";

/** Sorts after every id: ids are hexadecimal. */
const AFTER_EVERY_ID = "g";

/** The questions, on a connection that may be the reader's or the writer's. Synchronous. */
export class Reader {
  readonly #read: StatementSync;
  readonly #list: StatementSync;
  readonly #due: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = prepareForRows(database, sql.READ);
    this.#list = prepareForRows(database, sql.LIST);
    this.#due = prepareForRows(database, sql.DUE);
  }

  read(ids: readonly string[]): readonly (Operation | undefined)[] {
    return ids.map((id) => {
      const row = rowOf(this.#read, id);
      return row === undefined ? undefined : toOperation(row as OperationRow);
    });
  }

  list({ parent, beforeId, limit }: ListQuery): readonly Operation[] {
    const rows = rowsOf(this.#list, parent, beforeId ?? AFTER_EVERY_ID, Math.max(0, limit));
    return (rows as readonly OperationRow[]).map(toOperation);
  }

  due(now: number, limit: number): readonly Operation[] {
    const rows = rowsOf(this.#due, now, now, Math.max(0, limit));
    return (rows as readonly OperationRow[]).map(toOperation);
  }
}
