import type { CallerTransaction } from "../../core/store.ts";
import type { Query, Row } from "./database.ts";

/**
 * Our statements on a connection of the caller's, whose driver has its own ways: rows may be objects, which have their columns
 * in order, and large integers may be texts.
 */
export function queryWithin(transaction: CallerTransaction): Query {
  return async (text, parameters = []) => {
    const sent = parameters.map((each) => (each === null ? null : String(each)));
    const rows =
      "unsafe" in transaction
        ? await transaction.unsafe(text, sent)
        : (await transaction.query(text, sent)).rows;
    return rows.map(rowOf);
  };
}

function rowOf(row: unknown): Row {
  const values: readonly unknown[] = Array.isArray(row) ? row : Object.values(row as object);
  return values;
}
