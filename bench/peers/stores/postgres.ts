import postgres from "postgres";
import { startPostgres } from "../../../test/support/postgres.ts";
import { parentOf } from "../cpu.ts";
import type { Opened, StoreServer } from "./store.ts";

const SETTINGS = {
  max_connections: 200,
  shared_buffers: "512MB",
  max_wal_size: "4GB",
  fsync: "on",
  synchronous_commit: "on",
  full_page_writes: "on",
};

/** One PostgreSQL for all peers. Each peer gets a new database in each turn. */
export async function postgresServer(): Promise<StoreServer> {
  const server = await startPostgres(SETTINGS);
  const first = await server.createDatabase();
  const sql = postgres(first, { max: 1, onnotice: () => {} });
  const [row] = await sql<{ version: string; pid: number }[]>`
    select current_setting('server_version') as version, pg_backend_pid() as pid`;
  if (row === undefined) throw new Error("PostgreSQL told nothing of itself");
  // Kept for the session: once a process has ended, its parent can no longer be found.
  const pid = parentOf(row.pid);
  await sql.end();
  const words = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`);
  return {
    settings: `PostgreSQL ${row.version}, ${words.join(", ")}; other settings unchanged`,
    open: async () => openDatabase(await server.createDatabase(), { pid, first }),
    close: () => server[Symbol.asyncDispose](),
  };
}

/** @param server its process, and a database from which others can be dropped */
async function openDatabase(
  address: string,
  { pid, first }: { readonly pid: number; readonly first: string },
): Promise<Opened> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  return {
    address,
    pids: [pid],
    async logBytes() {
      const [row] = await sql`select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::text as bytes`;
      return Number(row?.["bytes"]);
    },
    async commits() {
      const [row] = await sql`
        select xact_commit::text as commits from pg_stat_database where datname = current_database()`;
      return Number(row?.["commits"]);
    },
    async diskBytes() {
      await sql`vacuum`;
      await sql`checkpoint`;
      const [row] = await sql`select pg_database_size(current_database())::text as bytes`;
      return Number(row?.["bytes"]);
    },
    async close() {
      await sql.end();
      await drop(address, first);
    },
  };
}

/** So that nothing is left to vacuum while the next peer is measured. */
async function drop(address: string, first: string): Promise<void> {
  const sql = postgres(first, { max: 1, onnotice: () => {} });
  const name = new URL(address).pathname.slice(1);
  await sql`drop database ${sql(name)} with (force)`;
  await sql.end();
}
