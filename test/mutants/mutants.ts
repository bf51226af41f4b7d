import { ACCESS } from "./access.ts";
import { ADMIN } from "./admin.ts";
import { ASSEMBLY } from "./assembly.ts";
import { AUDIT } from "./audit.ts";
import { CLI } from "./cli.ts";
import { CLIENT } from "./client.ts";
import { CONFIG } from "./config.ts";
import { CORE } from "./core.ts";
import { CREDENTIALS } from "./credentials.ts";
import { DESCRIBE } from "./describe.ts";
import { ENCRYPTION } from "./encryption.ts";
import { ENGINE } from "./engine.ts";
import { ENGINE_ANSWERS } from "./engine-answers.ts";
import { ENGINE_STATISTICS } from "./engine-statistics.ts";
import type { Mutant } from "./mutant.ts";
import { POSTGRES } from "./postgres.ts";
import { POSTGRES_HOMES } from "./postgres-homes.ts";
import { POSTGRES_SQL } from "./postgres-sql.ts";
import { PROTOS } from "./protos.ts";
import { PROXY } from "./proxy.ts";
import { QUOTAS } from "./quotas.ts";
import { SERVER } from "./server.ts";
import { SERVER_EDGES } from "./server-edges.ts";
import { SERVER_FLOW } from "./server-flow.ts";
import { SERVER_PROBES } from "./server-probes.ts";
import { TELEMETRY } from "./telemetry.ts";
import { TESTING } from "./testing.ts";
import { SQLITE } from "./sqlite.ts";
import { SQLITE_SQL } from "./sqlite-sql.ts";
import { STORE } from "./store.ts";
import { HTTP_TARGET } from "./http-target.ts";
import { WEBHOOKS } from "./webhooks.ts";
import { WATCHING } from "./watching.ts";
import { WIRE } from "./wire.ts";
import { WORKER } from "./worker.ts";
import { WORKERS_EDGE } from "./workers-edge.ts";

/** All mutants, by the room in which they are planted. */
export const MUTANTS: Readonly<Record<string, readonly Mutant[]>> = {
  core: CORE,
  "http-target": HTTP_TARGET,
  webhooks: WEBHOOKS,
  proxy: PROXY,
  wire: WIRE,
  protos: PROTOS,
  describe: DESCRIBE,
  engine: [...ENGINE, ...ENGINE_ANSWERS, ...ENGINE_STATISTICS],
  admin: ADMIN,
  access: ACCESS,
  credentials: CREDENTIALS,
  watching: WATCHING,
  workers: WORKERS_EDGE,
  worker: WORKER,
  telemetry: TELEMETRY,
  audit: AUDIT,
  quotas: QUOTAS,
  encryption: ENCRYPTION,
  server: [...SERVER, ...SERVER_EDGES, ...SERVER_FLOW, ...SERVER_PROBES],
  client: CLIENT,
  config: CONFIG,
  assembly: ASSEMBLY,
  cli: CLI,
  testing: TESTING,
  store: STORE,
  sqlite: [...SQLITE, ...SQLITE_SQL],
  postgres: [...POSTGRES, ...POSTGRES_HOMES, ...POSTGRES_SQL],
};
