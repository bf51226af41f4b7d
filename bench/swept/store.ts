import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { startPostgres } from "../../test/support/postgres.ts";
import { applyMigrations } from "../../src/store/open.ts";
import { Database } from "../../src/store/postgres/database.ts";

/** Operations that SQL writes into a store. */
export interface Filling {
  readonly count: number;
  /** `RUNNING` on a vanished worker, or `SUCCEEDED` long ago. */
  readonly state: "RUNNING" | "SUCCEEDED";
  /** The time until leases or records expire, in milliseconds from now. */
  readonly inMs: number;
}

/** A store whose sweep is measured, and a way to observe it from outside. */
export interface SweptStore extends AsyncDisposable {
  readonly name: string;
  readonly address: string;
  /** Fills the store in one transaction; also works while a server has the store open. */
  add(filling: Filling): Promise<void>;
  /**
   * Whether any operation is unchanged since the filling: still running on the vanished worker, or
   * still stored.
   */
  hasLeft(state: Filling["state"]): Promise<boolean>;
}

/** The worker that has vanished. */
const VANISHED = "vanished";

/** The differences between the SQL of the two databases. */
interface Dialect {
  /** A source of rows with one column `n`, from 1. */
  readonly numbers: (count: number) => string;
  /** Hexadecimal text of an expression, with a fixed number of digits. */
  readonly hex: (expression: string, digits: number) => string;
  /** 16 random digits, from an expression that differs by row. */
  readonly random: string;
  readonly false: string;
}

const SQLITE: Dialect = {
  numbers: (count) =>
    `with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < ${count})`,
  hex: (expression, digits) => `printf('%0${digits}x', ${expression})`,
  random: "printf('%08x%08x', random() & 4294967295, random() & 4294967295)",
  false: "0",
};

const POSTGRES: Dialect = {
  numbers: (count) => `with numbers (n) as (select generate_series(1, ${count}))`,
  hex: (expression, digits) => `lpad(to_hex(${expression}), ${digits}, '0')`,
  random: "substr(md5(n::text || random()::text), 1, 16)",
  false: "false",
};

/** Ids of operations started one a millisecond; for running ones, at least a second ago. */
function fillText(dialect: Dialect, { count, state, inMs }: Filling, shard: boolean): string {
  const now = Date.now();
  const [at, ended] = [`(${now - 1_000 - count} + n)`, state === "SUCCEEDED"];
  const own = {
    ...(shard ? { shard: "('x' || right(id, 2))::bit(8)::integer & 63", id: "id::uuid" } : { id: "id" }),
    parent: "''",
    method: "'echo'",
    request: `'{"text":"What was asked for comes back."}'`,
    target: "''",
    priority: "0",
    attempts_max: "3",
    state: `'${state}'`,
    revision: "2",
    attempt: "1",
    failed_attempts: "0",
    create_time: "at",
    start_time: "at",
    time_to_live_ms: "1000",
    available_time: "at",
    blocked: dialect.false,
    ...(ended
      ? {
          response_type: "'google.protobuf.Struct'",
          response: `'{"text":"What was asked for comes back."}'`,
          end_time: "at",
          expire_time: String(now + inMs),
        }
      : { lease_time: String(now + inMs), worker: `'${VANISHED}'` }),
  };
  const time = dialect.hex("at", 12);
  const id = `substr(${time}, 1, 8) || '-' || substr(${time}, 9) || '-7' || ${dialect.hex("n % 4096", 3)} || '-8' || substr(random, 1, 3) || '-' || substr(random, 4, 12)`;
  return `${dialect.numbers(count)},
    drawn as (select n, ${at} as at, ${dialect.random} as random from numbers),
    named as (select at, ${id} as id from drawn)
    insert into operations (${Object.keys(own).join(", ")})
    select ${Object.values(own).join(", ")} from named`;
}

/** Reads one row, so that observing costs the store as little as possible. */
const LEFT: Readonly<Record<Filling["state"], string>> = {
  RUNNING: `select 1 from operations where state = 'RUNNING' and worker = '${VANISHED}' limit 1`,
  SUCCEEDED: "select 1 from operations where expire_time is not null limit 1",
};

/** A store in a new file of the folder. */
export async function sqliteStore(folder: string, name: string): Promise<SweptStore> {
  const path = join(folder, `${name}.db`);
  const address = `sqlite:${path}`;
  await applyMigrations(address);
  const database = new DatabaseSync(path, { timeout: 10_000 });
  return {
    name: "SQLite",
    address,
    add: async (filling) => database.exec(fillText(SQLITE, filling, false)),
    hasLeft: async (state) => database.prepare(LEFT[state]).get() !== undefined,
    [Symbol.asyncDispose]: async () => database.close(),
  };
}

/** A PostgreSQL of the benchmark's own, at full durability, with a new database. */
export async function postgresStore(): Promise<SweptStore> {
  const server = await startPostgres();
  const address = await server.createDatabase();
  await applyMigrations(address);
  const database = new Database({ address, connections: 1, patient: true });
  return {
    name: "PostgreSQL",
    address,
    add: async (filling) => {
      await database.query(fillText(POSTGRES, filling, true));
      await database.query("analyze operations");
    },
    hasLeft: async (state) => (await database.query(LEFT[state])).length > 0,
    [Symbol.asyncDispose]: async () => {
      await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}
