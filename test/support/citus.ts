import postgres from "postgres";

/**
 * The Citus cluster for tests: the address of a database on its coordinator. The tests create
 * databases of their own on the cluster. Without it, tests that need a cluster are skipped.
 */
export const CITUS_URL = process.env["CITUS_URL"];

/** The reason for skipping a test that needs a cluster. */
export const NO_CITUS = "CITUS_URL names no coordinator";

/** A Citus cluster in which tests create databases. */
export interface CitusCluster extends AsyncDisposable {
  /** Of the coordinator. */
  readonly port: number;
  /** `postgres://…` of a new, empty database on every node of the cluster. */
  createDatabase(): Promise<string>;
  /** The addresses of a database on every node; the coordinator's comes first. */
  nodesOf(address: string): Promise<readonly string[]>;
}

/**
 * A cluster for a test file; the databases that were created in it are dropped at the end. @throws
 * {Error} if `CITUS_URL` is not set
 */
export function citusForTests(): CitusCluster {
  if (CITUS_URL === undefined) throw new Error(NO_CITUS);
  return new Cluster(CITUS_URL);
}

/**
 * The workers of a coordinator, under the addresses that it uses. The coordinator is in group 0.
 */
const WORKERS = `
  select nodename, nodeport from pg_dist_node
  where groupid <> 0 and noderole = 'primary' and isactive order by nodeid`;

class Cluster implements CitusCluster {
  readonly port: number;
  readonly #coordinator: string;
  readonly #made: string[] = [];
  #workers: Promise<readonly string[]> | undefined;

  constructor(coordinator: string) {
    this.#coordinator = coordinator;
    this.port = Number(new URL(coordinator).port || 5432);
  }

  async createDatabase(): Promise<string> {
    const name = `test_${process.pid}_${this.#made.length + 1}`;
    this.#made.push(name);
    const address = at(this.#coordinator, { pathname: name });
    const nodes = await this.nodesOf(address);
    await Promise.all(nodes.map((node) => this.#create(node, name)));
    const [coordinator, ...workers] = nodes.map((node) => new URL(node));
    await on(address, async (sql) => {
      await sql`select citus_set_coordinator_host(${coordinator?.hostname ?? ""}, ${this.port})`;
      for (const { hostname, port } of workers)
        await sql`select citus_add_node(${hostname}, ${Number(port)})`;
    });
    return address;
  }

  async nodesOf(address: string): Promise<readonly string[]> {
    const { pathname } = new URL(address);
    this.#workers ??= on(this.#coordinator, async (sql) => {
      const rows = await sql.unsafe<{ nodename: string; nodeport: number }[]>(WORKERS);
      if (rows.length === 0) throw new Error(`${this.#coordinator} has no worker nodes`);
      return rows.map(({ nodename, nodeport }) => at(this.#coordinator, { host: `${nodename}:${nodeport}` }));
    });
    return [address, ...(await this.#workers).map((worker) => at(worker, { pathname }))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#made.splice(0)) {
      const nodes = await this.nodesOf(at(this.#coordinator, { pathname: name }));
      // The coordinator first, because it would miss its workers.
      for (const node of nodes) {
        await on(this.#besides(node), (sql) => sql.unsafe(`drop database if exists ${name} with (force)`));
      }
    }
  }

  async #create(node: string, name: string): Promise<void> {
    await on(this.#besides(node), (sql) => sql.unsafe(`create database ${name} template template0`));
    await on(node, (sql) => sql`create extension citus`);
  }

  /** The database that exists on every node. */
  #besides(node: string): string {
    return at(node, { pathname: new URL(this.#coordinator).pathname });
  }
}

function at(address: string, parts: { readonly host?: string; readonly pathname?: string }): string {
  return Object.assign(new URL(address), parts).href;
}

async function on<Result>(
  address: string,
  work: (sql: postgres.Sql) => PromiseLike<Result>,
): Promise<Result> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  try {
    return await work(sql);
  } finally {
    await sql.end();
  }
}
