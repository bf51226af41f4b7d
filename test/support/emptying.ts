import { after } from "node:test";
import { Database, type Query } from "../../src/store/postgres/database.ts";
import { CUT } from "../../src/store/postgres/distribution.ts";
import { type Maker, migratedDatabase } from "./migrated.ts";

/**
 * Empties the tables of a database between two cases, because creating a database takes longer than
 * most cases. TRUNCATE takes eight times as long as deleting their few rows, and on Citus, where
 * every shard is a table, half a second.
 */
export async function emptyTables(query: Query): Promise<void> {
  for (const table of CUT) await query(`delete from ${table}`);
}

type Disposed = Maker & AsyncDisposable;

/**
 * One database for all cases of a file, created with our tables when the first case needs it.
 *
 * @returns a function that empties it, and returns its address
 */
export function emptiedDatabase(start: () => Disposed | Promise<Disposed>): () => Promise<string> {
  let made: Promise<string> | undefined;
  let maker: Disposed | undefined;
  after(() => maker?.[Symbol.asyncDispose]());
  const make = async (): Promise<string> => {
    maker = await start();
    return await migratedDatabase(maker);
  };
  return async () => {
    const address = await (made ??= make());
    const database = new Database({ address, connections: 1 });
    await emptyTables((text) => database.query(text));
    await database.close();
    return address;
  };
}
