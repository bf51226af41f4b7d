import { installed } from "../install.ts";
import { Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import type { Adapter, Peer } from "../peer.ts";

interface Data {
  readonly text: string;
}

/** The part of pg-boss's interface that is used. */
interface Boss {
  on(event: "error", listener: (error: Error) => void): void;
  start(): Promise<unknown>;
  createQueue(name: string, options: object): Promise<void>;
  send(name: string, data: Data): Promise<string | null>;
  work(
    name: string,
    options: object,
    handler: (each: readonly { readonly id: string; readonly data: Data }[]) => Promise<unknown>,
  ): Promise<string>;
  getDb(): {
    executeSql(text: string, values: readonly unknown[]): Promise<{ readonly rows: readonly Row[] }>;
  };
}
interface Row {
  readonly id: string;
  readonly text: string;
}
interface Module {
  readonly PgBoss: new (options: object) => Boss;
}

const QUEUE = "echo";
const POOL = 20;
const DONE = `select id::text, output->>'text' as text from pgboss.job
  where name = $1 and id = any($2::uuid[]) and state = 'completed'`;

async function open(address: string, useListenNotify: boolean): Promise<Boss> {
  const { PgBoss } = await installed<Module>("pg-boss");
  const boss = new PgBoss({ connectionString: address, max: POOL, useListenNotify });
  boss.on("error", (error) => process.stderr.write(`${error}\n`));
  await boss.start();
  return boss;
}

/** How its workers learn of new work. */
interface Manner {
  readonly notify: boolean;
  readonly localConcurrency: number;
  readonly batchSize: number;
}

function adapterIn({ notify, localConcurrency, batchSize }: Manner): Adapter {
  return {
    async front(address) {
      const boss = await open(address, notify);
      await boss.createQueue(QUEUE, { notify });
      const poller = new Poller(async (ids) => {
        const { rows } = await boss.getDb().executeSql(DONE, [QUEUE, ids]);
        return rows.map(({ id, text }) => [id, text]);
      });
      return {
        start: async (text) => String(await boss.send(QUEUE, { text })),
        result: (id) => poller.of(id),
      };
    },
    async work(address) {
      const boss = await open(address, notify);
      const often = { pollingIntervalSeconds: 0.5, notifyPollingIntervalSeconds: 0.5 };
      const options = {
        localConcurrency,
        batchSize,
        burstWhenBatchFull: true,
        perJobResults: true,
        ...often,
      };
      await boss.work(QUEUE, options, async (each) =>
        each.map(({ id, data }) => ({ id, status: "completed", output: data })),
      );
    },
  };
}

function peerIn(name: string, title: string, manner: Manner): Peer {
  const words = [`\`localConcurrency\` ${manner.localConcurrency}`, `\`batchSize\` ${manner.batchSize}`];
  const rest = ["`perJobResults`", "`burstWhenBatchFull`", "polls of 0.5 s (its least)", `pools of ${POOL}`];
  return {
    name,
    title,
    packages: ["pg-boss", "pg"],
    store: "postgres",
    tells: POLLS,
    settings: [`\`notify\` ${manner.notify ? "on" : "off"}`, ...words, ...rest].join(", "),
    keeps: "yes",
    fences: "yes: attempt (`retry_count`)",
    adapter: adapterIn(manner),
    launch: (stage) => launchAdapter(name, stage),
  };
}

/** Woken by NOTIFY, as its documentation recommends for a short time to start. */
export const pgBossNotified = peerIn("pg-boss", "pg-boss, NOTIFY", {
  notify: true,
  localConcurrency: 2,
  batchSize: 64,
});

/**
 * Many pollers. Commits that notify wait for each other, which costs more than it saves when many
 * operations start at once.
 */
export const pgBossPolling = peerIn("pg-boss-polling", "pg-boss, polling", {
  notify: false,
  localConcurrency: 16,
  batchSize: 8,
});
