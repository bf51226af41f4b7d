import { DatabaseSync } from "node:sqlite";
import { installed } from "../install.ts";
import { type Look, Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import type { Adapter, Peer } from "../peer.ts";
import { openPool } from "./pool.ts";

interface Data {
  readonly text: string;
}

/** The part of openworkflow's interface that is used. */
interface OpenWorkflow {
  defineWorkflow(spec: object, workflow: (given: { readonly input: Data }) => Promise<Data>): unknown;
  runWorkflow(spec: object, input: Data): Promise<{ readonly workflowRun: { readonly id: string } }>;
  newWorker(options: object): { start(): Promise<void> };
}
interface Module {
  readonly OpenWorkflow: new (options: { readonly backend: unknown }) => OpenWorkflow;
}
interface PostgresModule {
  readonly BackendPostgres: { connect(url: string, options?: object): Promise<unknown> };
}
interface SqliteModule {
  readonly BackendSqlite: { connect(path: string, options?: object): SqliteBackend };
}
/**
 * Its connection, which is a private field: the only way to make two processes wait for each other.
 */
interface SqliteBackend {
  readonly db: { exec(sql: string): void };
}

const SPEC = { name: "echo" };
const CONCURRENCY = 64;
const DONE = `select id, output::text as result from openworkflow.workflow_runs
  where namespace_id = 'default' and id = any($1::text[]) and status in ('completed', 'succeeded')`;
const DONE_SQLITE = `select id, output as result from workflow_runs
  where namespace_id = 'default' and id in (select value from json_each(?)) and status in ('completed', 'succeeded')`;
const BUSY = "pragma busy_timeout = 10000";

async function open(address: string): Promise<OpenWorkflow> {
  const { OpenWorkflow } = await installed<Module>("openworkflow");
  return new OpenWorkflow({ backend: await backendAt(address) });
}

async function backendAt(address: string): Promise<unknown> {
  if (address.startsWith("postgres:")) {
    const { BackendPostgres } = await installed<PostgresModule>("openworkflow/postgres");
    return await BackendPostgres.connect(address);
  }
  const { BackendSqlite } = await installed<SqliteModule>("openworkflow/sqlite");
  const backend = BackendSqlite.connect(address);
  backend.db.exec(`pragma synchronous = full; ${BUSY}`);
  return backend;
}

async function lookAt(address: string): Promise<Look> {
  if (address.startsWith("postgres:")) {
    const pool = await openPool(address, 2);
    return async (ids) => pairs((await pool.query(DONE, [ids])).rows);
  }
  const database = new DatabaseSync(address);
  database.exec(BUSY);
  const done = database.prepare(DONE_SQLITE);
  return async (ids) => pairs(done.all(JSON.stringify(ids)));
}

function pairs(rows: readonly Readonly<Record<string, unknown>>[]) {
  return rows.map(({ id, result }) => [String(id), String(result)] as const);
}

const adapter: Adapter = {
  async front(address) {
    const workflows = await open(address);
    const poller = new Poller(await lookAt(address));
    return {
      start: async (text) => (await workflows.runWorkflow(SPEC, { text })).workflowRun.id,
      result: (id) => poller.of(id),
    };
  },
  async work(address) {
    const workflows = await open(address);
    workflows.defineWorkflow(SPEC, async ({ input }) => input);
    await workflows.newWorker({ concurrency: CONCURRENCY }).start();
  },
};

const COMMON = {
  packages: ["openworkflow"],
  tells: `${POLLS} (its own handle polls each second)`,
  keeps: "yes",
  fences: "yes: worker id",
  adapter,
};

export const openworkflowPostgres: Peer = {
  ...COMMON,
  name: "openworkflow-postgres",
  title: "openworkflow, PostgreSQL",
  store: "postgres",
  settings: `\`concurrency\` ${CONCURRENCY}; an idle worker polls after 0.1 to 1 s, which cannot be configured`,
  launch: (stage) => launchAdapter("openworkflow-postgres", stage),
};

export const openworkflowSqlite: Peer = {
  ...COMMON,
  name: "openworkflow-sqlite",
  title: "openworkflow, SQLite",
  store: "sqlite",
  settings: `\`concurrency\` ${CONCURRENCY}, \`synchronous=full\` and a \`busy_timeout\` set by hand; an idle worker polls after 0.1 to 1 s, which cannot be configured`,
  launch: (stage) => launchAdapter("openworkflow-sqlite", stage),
};
