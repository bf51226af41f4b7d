import { absurd } from "./adapters/absurd.ts";
import { bullmqAlways, bullmqEverysec, bullmqPostgres } from "./adapters/bullmq.ts";
import { dbos } from "./adapters/dbos.ts";
import { graphileWorker } from "./adapters/graphile-worker.ts";
import { longrunningPostgres, longrunningSqlite, longrunningWire } from "./adapters/longrunning.ts";
import { openworkflowPostgres, openworkflowSqlite } from "./adapters/openworkflow.ts";
import { pgBossNotified, pgBossPolling } from "./adapters/pg-boss.ts";
import { restate } from "./adapters/restate.ts";
import type { Peer } from "./peer.ts";

/** All measured systems, ours first. */
export const PEERS: readonly Peer[] = [
  longrunningPostgres,
  longrunningWire,
  longrunningSqlite,
  pgBossNotified,
  pgBossPolling,
  graphileWorker,
  bullmqPostgres,
  dbos,
  openworkflowPostgres,
  absurd,
  bullmqAlways,
  bullmqEverysec,
  openworkflowSqlite,
  restate,
];
