import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import type { Query, Row } from "./session.ts";
import { READ_NULLS } from "./statements-session.ts";

/**
 * Runs our statements on a connection of the caller, whose driver may differ from ours: rows may be
 * objects with their columns in order, and large integers may be texts. The session may be
 * configured to read `NULL` in an array as a text; this is switched off until the end of the
 * transaction.
 */
export function queryWithin(transaction: CallerTransaction): Query {
  const send: Query = async (text, parameters = []) => {
    const sent = parameters.map((each) => (each === null ? null : String(each)));
    const rows =
      "unsafe" in transaction
        ? await transaction.unsafe(text, sent)
        : (await transaction.query(text, sent)).rows;
    return rows.map(rowOf);
  };
  let isSet: Promise<unknown> | undefined;
  return async (text, parameters) => {
    await (isSet ??= send(READ_NULLS));
    return await send(text, parameters);
  };
}

function rowOf(row: unknown): Row {
  const values: readonly unknown[] = Array.isArray(row) ? row : Object.values(row as object);
  return values;
}
