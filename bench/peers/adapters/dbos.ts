import { installed } from "../install.ts";
import { Poller, POLLS } from "../known.ts";
import { launchAdapter } from "../launch.ts";
import type { Adapter, Peer } from "../peer.ts";
import { openPool } from "./pool.ts";

interface Data {
  readonly text: string;
}

/** The part of DBOS's interface that is used. */
interface Module {
  readonly DBOS: {
    setConfig(config: object): void;
    registerWorkflow(workflow: (data: Data) => Promise<Data>, options: object): unknown;
    registerQueue(name: string, options: object): Promise<unknown>;
    launch(): Promise<void>;
    shutdown(): Promise<void>;
  };
  readonly DBOSClient: {
    create(options: object): Promise<{
      enqueue(options: object, data: Data): Promise<{ readonly workflowID: string }>;
    }>;
  };
}

const NAME = "echo";
const APPLICATION = "bench";
const VERSION = "1";
const POOL = 20;
const QUEUE_POLL_MS = 5;
const DONE = `select s.workflow_uuid as id, coalesce(o.output, s.output) as result
  from dbos.workflow_status s left join dbos.workflow_output o on o.workflow_uuid = s.workflow_uuid
  where s.workflow_uuid = any($1::text[]) and s.status = 'SUCCESS'`;

async function launched(address: string, listenQueues: readonly string[]): Promise<Module> {
  const dbos = await installed<Module>("@dbos-inc/dbos-sdk");
  dbos.DBOS.setConfig({
    name: APPLICATION,
    applicationVersion: VERSION,
    systemDatabaseUrl: address,
    systemDatabasePoolSize: POOL,
    logLevel: "error",
    listenQueues,
  });
  dbos.DBOS.registerWorkflow(async (data) => data, { name: NAME });
  await dbos.DBOS.launch();
  return dbos;
}

const adapter: Adapter = {
  async front(address) {
    // `launch` creates the schema.
    const { DBOS, DBOSClient } = await launched(address, []);
    await DBOS.registerQueue(NAME, { minPollingIntervalMs: QUEUE_POLL_MS });
    await DBOS.shutdown();
    const client = await DBOSClient.create({
      systemDatabaseUrl: address,
      systemDatabasePoolSize: POOL,
      applicationName: APPLICATION,
    });
    const pool = await openPool(address, 2);
    const poller = new Poller(async (ids) => {
      const { rows } = await pool.query(DONE, [ids]);
      return rows.map(({ id, result }) => [String(id), String(result)]);
    });
    const options = { workflowName: NAME, queueName: NAME, appVersion: VERSION };
    return {
      start: async (text) => (await client.enqueue(options, { text })).workflowID,
      result: (id) => poller.of(id),
    };
  },
  async work(address) {
    await launched(address, [NAME]);
  },
};

export const dbos: Peer = {
  name: "dbos",
  title: "DBOS",
  packages: ["@dbos-inc/dbos-sdk", "pg"],
  store: "postgres",
  tells: `${POLLS} (its own handle polls each second)`,
  settings: `queue with \`minPollingIntervalMs\` ${QUEUE_POLL_MS}, \`listenQueues\`, pools of ${POOL}`,
  keeps: "yes",
  fences: "yes: owner of the claim (`owner_xid`)",
  adapter,
  launch: (stage) => launchAdapter("dbos", stage),
};
