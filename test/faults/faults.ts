import { nodeStopped } from "./citus/node-stopped.ts";
import type { Fault } from "./fault.ts";
import { clockOff } from "./postgres/clock-off.ts";
import { connectionsExhausted } from "./postgres/connections-exhausted.ts";
import { databaseCrash } from "./postgres/database-crash.ts";
import { databaseRestart } from "./postgres/database-restart.ts";
import { freezeWorker } from "./postgres/freeze-worker.ts";
import { killServers } from "./postgres/kill-servers.ts";
import { killWorkers } from "./postgres/kill-workers.ts";
import { networkCut } from "./postgres/network-cut.ts";
import { networkDelay } from "./postgres/network-delay.ts";
import { networkHalfOpen } from "./postgres/network-half-open.ts";
import { networkHole } from "./postgres/network-hole.ts";
import { rowLocks } from "./postgres/row-locks.ts";
import { statementLost } from "./postgres/statement-lost.ts";
import { terminateBackends } from "./postgres/terminate-backends.ts";
import { sqliteClockJumps } from "./sqlite/clock-jumps.ts";
import { sqliteFreeze } from "./sqlite/freeze.ts";
import { sqliteKill } from "./sqlite/kill.ts";
import { wire } from "./wire.ts";

/** The matrix, in an order in which neighbours can share a cluster. */
export const FAULTS: readonly Fault[] = [
  sqliteKill,
  sqliteFreeze,
  sqliteClockJumps,
  killServers,
  killWorkers,
  freezeWorker,
  databaseRestart,
  databaseCrash,
  terminateBackends,
  connectionsExhausted,
  rowLocks,
  clockOff,
  networkCut,
  networkDelay,
  networkHole,
  networkHalfOpen,
  statementLost,
  wire,
  nodeStopped,
];
