import postgres from "postgres";
import { citusForTests } from "../../test/support/citus.ts";
import { startPostgres } from "../../test/support/postgres.ts";
import { cpuMs, parentOf } from "../peers/cpu.ts";

/** A database server whose load is measured from outside. */
export interface ScaleStore extends AsyncDisposable {
  readonly name: string;
  /** Version and settings, as they are printed. */
  readonly settings: string;
  /** What is counted of a database: a server without a count of statements counts transactions. */
  readonly counts: "statements" | "transactions";
  /** The address of a new database. */
  database(): Promise<string>;
  /** The database's counters so far. */
  count(address: string): Promise<number>;
  /**
   * CPU of all processes of the server so far; of a cluster, only of the nodes on this machine.
   * Linux only.
   */
  cpuMs(): number;
}

const SETTINGS = {
  max_connections: 400,
  shared_buffers: "512MB",
  max_wal_size: "4GB",
  shared_preload_libraries: "pg_stat_statements",
};

const STATEMENTS = `
  select coalesce(sum(calls), 0)::float8 as count from pg_stat_statements
  where toplevel and dbid = (select oid from pg_database where datname = $1)`;
const TRANSACTIONS = `
  select (xact_commit + xact_rollback)::float8 as count from pg_stat_database where datname = $1`;

/** A PostgreSQL of the benchmark's own, at full durability. */
export async function postgresStore(): Promise<ScaleStore> {
  const server = await startPostgres(SETTINGS);
  const sql = connect(await server.createDatabase());
  await sql`create extension pg_stat_statements`;
  const pid = await processOf(sql);
  const words = Object.entries(SETTINGS).map(([name, value]) => `${name}=${value}`);
  return {
    name: "PostgreSQL",
    settings: `${await versionOf(sql)}, ${words.join(", ")}; other settings unchanged`,
    counts: "statements",
    database: () => server.createDatabase(),
    count: (address) => count(sql, STATEMENTS, address),
    cpuMs: () => cpuMs([pid]),
    [Symbol.asyncDispose]: async () => {
      await sql.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The cluster of `CITUS_URL`, with its user's settings. */
export async function citusStore(): Promise<ScaleStore> {
  const cluster = citusForTests();
  const nodes = (await cluster.nodesOf(await cluster.createDatabase())).map(connect);
  const [coordinator] = nodes;
  if (coordinator === undefined) throw new Error("A cluster has a coordinator");
  const pids = (await Promise.all(nodes.map(processOf))).filter((pid) => pid !== 0);
  const [citus] = await coordinator`select extversion from pg_extension where extname = 'citus'`;
  const version = `${await versionOf(coordinator)}, Citus ${citus?.["extversion"]}`;
  return {
    name: "Citus",
    settings: `${version}, ${nodes.length - 1} worker nodes`,
    counts: "transactions",
    database: () => cluster.createDatabase(),
    count: (address) => count(coordinator, TRANSACTIONS, address),
    cpuMs: () => cpuMs(pids),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(nodes.map((sql) => sql.end()));
      await cluster[Symbol.asyncDispose]();
    },
  };
}

function connect(address: string): postgres.Sql {
  return postgres(address, { max: 1, onnotice: () => {} });
}

async function count(sql: postgres.Sql, text: string, address: string): Promise<number> {
  const [row] = await sql.unsafe<{ count: number }[]>(text, [new URL(address).pathname.slice(1)]);
  return row?.count ?? 0;
}

async function versionOf(sql: postgres.Sql): Promise<string> {
  const [row] = await sql`select current_setting('server_version') as version`;
  return `PostgreSQL ${row?.["version"]}`;
}

/** The first process of a server; 0 for a server on another machine. */
async function processOf(sql: postgres.Sql): Promise<number> {
  if (!/^(127\.0\.0\.1|localhost|::1)$/.test(sql.options.host[0] ?? "")) return 0;
  const [row] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return parentOf(row?.pid ?? 0);
}
