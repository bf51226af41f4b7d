import { existsSync, readFileSync } from "node:fs";
import postgres from "postgres";
import { installed, installedPath } from "../install.ts";
import { Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import { type Adapter, type Peer, type Stage, Unavailable } from "../peer.ts";
import { openPool, type Pool } from "./pool.ts";

interface Data {
  readonly text: string;
}

/** The part of absurd's interface that is used. */
interface Absurd {
  createQueue(name: string): Promise<void>;
  spawn(name: string, data: Data, options: object): Promise<{ readonly taskID: string }>;
  registerTask(options: object, handler: (data: Data) => Promise<Data>): void;
  startWorker(options: object): Promise<unknown>;
}
interface Module {
  readonly Absurd: new (options: { readonly db: Pool; readonly queueName: string }) => Absurd;
}

const QUEUE = "bench";
const NAME = "echo";
const POOL = 20;
const CONCURRENCY = 32;
/** The interval at which an idle worker polls. */
const IDLE_SECONDS = 0.005;
/** absurd's own program installs this in the database; no npm package contains it. */
const SQL = installedPath("absurd.sql");
const DONE = `select task_id::text as id, completed_payload::text as result from absurd.t_${QUEUE}
  where task_id = any($1::uuid[]) and state = 'completed'`;

async function open(address: string): Promise<{ readonly absurd: Absurd; readonly pool: Pool }> {
  const { Absurd } = await installed<Module>("absurd-sdk");
  const pool = await openPool(address, POOL);
  return { absurd: new Absurd({ db: pool, queueName: QUEUE }), pool };
}

const adapter: Adapter = {
  async front(address) {
    const { absurd, pool } = await open(address);
    await absurd.createQueue(QUEUE);
    const poller = new Poller(async (ids) => {
      const { rows } = await pool.query(DONE, [ids]);
      return rows.map(({ id, result }) => [String(id), String(result)]);
    });
    return {
      start: async (text) => (await absurd.spawn(NAME, { text }, { queue: QUEUE })).taskID,
      result: (id) => poller.of(id),
    };
  },
  async work(address) {
    const { absurd } = await open(address);
    absurd.registerTask({ name: NAME, queue: QUEUE }, async (data) => data);
    await absurd.startWorker({ concurrency: CONCURRENCY, pollInterval: IDLE_SECONDS });
  },
};

async function launch(stage: Stage) {
  if (!existsSync(SQL))
    throw new Unavailable(
      "its SQL is in no package on npm; put absurd.sql of its sources into bench/peers/.installed",
    );
  const sql = postgres(stage.store.address, { max: 1, onnotice: () => {} });
  try {
    await sql.unsafe(readFileSync(SQL, "utf8"));
  } finally {
    await sql.end();
  }
  return await launchAdapter("absurd", stage);
}

export const absurd: Peer = {
  name: "absurd",
  title: "absurd",
  packages: ["absurd-sdk", "pg"],
  store: "postgres",
  tells: POLLS,
  settings: `\`concurrency\` ${CONCURRENCY}, \`pollInterval\` ${IDLE_SECONDS} s, pools of ${POOL}`,
  keeps: "yes",
  fences: "yes: run id of the attempt",
  adapter,
  launch,
};
