import { after } from "node:test";
import { Database, type Query } from "../../src/store/postgres/database.ts";
import { CUT } from "../../src/store/postgres/distribution.ts";
import { type Maker, migratedDatabase } from "./migrated.ts";

const IS_SHARDED = "select to_regclass('pg_catalog.pg_dist_partition') is not null";

/**
 * Empties the tables of a database between two cases: making one takes longer than most cases. On Citus every shard is a
 * table, and to truncate them all takes half a second.
 */
export async function emptyTables(query: Query): Promise<void> {
  const [row] = await query(IS_SHARDED);
  if (row?.[0] !== true) return void (await query(`truncate ${CUT.join(", ")}`));
  for (const table of CUT) await query(`delete from ${table}`);
}

type Disposed = Maker & AsyncDisposable;

/**
 * One database for all cases of a file, made with our tables when the first asks for it.
 *
 * @returns a function that empties it, and answers its address
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
