import { installed } from "../install.ts";
import { Known, Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import type { Adapter, Peer } from "../peer.ts";
import type { StoreKind } from "../stores/store.ts";
import { openPool } from "./pool.ts";

interface Data {
  readonly text: string;
}
interface Ready {
  on(event: "error", listener: (error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
}
interface Queue extends Ready {
  add(name: string, data: Data): Promise<{ readonly id?: string }>;
}
interface Completed {
  readonly jobId: string;
  readonly returnvalue: unknown;
}
interface Events extends Ready {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "completed", listener: (completed: Completed) => void): unknown;
}
type Process = (each: { readonly data: Data }) => Promise<Data>;

/** The part of BullMQ's interface that is used. */
interface Module {
  readonly Queue: new (name: string, options: object, backend: unknown) => Queue;
  readonly QueueEvents: new (name: string, options: object, backend: unknown) => Events;
  readonly Worker: new (name: string, process: Process, options: object, backend: unknown) => Ready;
  readonly createPostgresBackend: unknown;
}

const QUEUE = "echo";
const POOL = 20;
const CONCURRENCY = 64;
const DONE = `select id, return_value::text as result from bullmq.job
  where queue = $1 and id = any($2::text[]) and state = 'completed'`;

async function open(address: string) {
  const bullmq = await installed<Module>("bullmq");
  if (address.startsWith("postgres:")) {
    const connection = { connectionString: address, max: POOL, migrate: true };
    return { bullmq, connection, backend: bullmq.createPostgresBackend };
  }
  const { hostname, port } = new URL(address);
  const connection = { host: hostname, port: Number(port), maxRetriesPerRequest: null };
  return { bullmq, connection, backend: undefined };
}

/** Errors go only to the log, because BullMQ retries. */
async function readiness<Each extends Ready>(each: Each): Promise<Each> {
  each.on("error", (error) => process.stderr.write(`${error}\n`));
  await each.waitUntilReady();
  return each;
}

/** Reports the results of operations. */
interface Teller {
  of(id: string): Promise<string>;
}

async function eventsAt(address: string): Promise<Teller> {
  const { bullmq, connection, backend } = await open(address);
  const events = await readiness(new bullmq.QueueEvents(QUEUE, { connection }, backend));
  const known = new Known();
  events.on("completed", ({ jobId, returnvalue }) => known.tell(jobId, JSON.stringify(returnvalue)));
  return known;
}

/**
 * On PostgreSQL, a cursor over a sequence reads its events. An event that commits after one with a
 * later number is never seen: with 64 callers, some wait for ever.
 */
async function pollerAt(address: string): Promise<Teller> {
  const pool = await openPool(address, 2);
  return new Poller(async (ids) => {
    const { rows } = await pool.query(DONE, [QUEUE, ids]);
    return rows.map(({ id, result }) => [String(id), String(result)]);
  });
}

const adapter: Adapter = {
  async front(address) {
    const { bullmq, connection, backend } = await open(address);
    const queue = await readiness(new bullmq.Queue(QUEUE, { connection }, backend));
    const teller = await (backend === undefined ? eventsAt(address) : pollerAt(address));
    return {
      start: async (text) => String((await queue.add("echo", { text })).id),
      result: (id) => teller.of(id),
    };
  },
  async work(address) {
    const { bullmq, connection, backend } = await open(address);
    const options = { connection, concurrency: CONCURRENCY };
    await readiness(new bullmq.Worker(QUEUE, async ({ data }) => data, options, backend));
  },
};

function peerOn(name: string, title: string, store: StoreKind): Peer {
  const onPostgres = store === "postgres";
  return {
    name,
    title,
    packages: ["bullmq", onPostgres ? "pg" : "ioredis"],
    store,
    tells: onPostgres
      ? `${POLLS} (its own events get lost if many transactions commit at the same time)`
      : "event of `QueueEvents`, which contains the result",
    settings: `\`concurrency\` ${CONCURRENCY}${onPostgres ? `, pools of ${POOL}` : ""}, all finished jobs are kept`,
    keeps: "yes",
    fences: "yes: lock token",
    adapter,
    launch: (stage) => launchAdapter(name, stage),
  };
}

export const bullmqEverysec = peerOn(
  "bullmq-redis-everysec",
  "BullMQ, Redis, fsync each second",
  "redis-everysec",
);
export const bullmqAlways = peerOn("bullmq-redis-always", "BullMQ, Redis, fsync always", "redis-always");
export const bullmqPostgres = peerOn("bullmq-postgres", "BullMQ, PostgreSQL", "postgres");
