import { installed } from "../install.ts";
import { Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import type { Adapter, Peer } from "../peer.ts";
import { openPool } from "./pool.ts";

interface Payload {
  readonly text: string;
}

/** The part of graphile-worker's interface that is used. */
interface Module {
  readonly makeWorkerUtils: (options: object) => Promise<{
    migrate(): Promise<void>;
    addJob(task: string, payload: Payload): Promise<{ readonly id: string }>;
  }>;
  readonly run: (options: {
    readonly preset: object;
    readonly taskList: Readonly<Record<string, (payload: Payload, help: Help) => Promise<void>>>;
  }) => Promise<unknown>;
  readonly Logger: new (factory: () => () => void) => unknown;
}
interface Help {
  readonly job: { readonly id: string };
  readonly query: (text: string, values: readonly unknown[]) => Promise<unknown>;
}

const POOL = 25;
const CONCURRENT = 24;
const LOCAL = 500;
const RESULTS = "create table if not exists results (id bigint primary key, result jsonb not null)";
const KEEP = "insert into results (id, result) values ($1, $2) on conflict (id) do nothing";
const DONE = "select id::text, result->>'text' as text from results where id = any($1::bigint[])";

const adapter: Adapter = {
  async front(address) {
    const { makeWorkerUtils, Logger } = await installed<Module>("graphile-worker");
    const logger = new Logger(() => () => {});
    const tools = await makeWorkerUtils({ connectionString: address, maxPoolSize: POOL, logger });
    await tools.migrate();
    const pool = await openPool(address, 2);
    await pool.query(RESULTS);
    const poller = new Poller(async (ids) => {
      const { rows } = await pool.query(DONE, [ids]);
      return rows.map(({ id, text }) => [String(id), String(text)]);
    });
    return {
      start: async (text) => (await tools.addJob("echo", { text })).id,
      result: (id) => poller.of(id),
    };
  },
  async work(address) {
    const { run, Logger } = await installed<Module>("graphile-worker");
    const worker = {
      connectionString: address,
      concurrentJobs: CONCURRENT,
      maxPoolSize: POOL,
      localQueue: { size: LOCAL },
      completeJobBatchDelay: 0,
      failJobBatchDelay: 0,
      logger: new Logger(() => () => {}),
    };
    await run({
      preset: { worker },
      taskList: {
        echo: async (payload, { job, query }) => {
          await query(KEEP, [job.id, JSON.stringify(payload)]);
        },
      },
    });
  },
};

export const graphileWorker: Peer = {
  name: "graphile-worker",
  title: "graphile-worker",
  packages: ["graphile-worker", "pg"],
  store: "postgres",
  tells: POLLS,
  settings: `as on its page about performance: \`concurrentJobs\` ${CONCURRENT}, \`maxPoolSize\` ${POOL}, \`localQueue\` ${LOCAL}, \`completeJobBatchDelay\` 0`,
  keeps: "no: the handler writes it into a table of the user",
  fences: "no: completion deletes by id",
  adapter,
  launch: (stage) => launchAdapter("graphile-worker", stage),
};
