import type { StoreAddress } from "../address.ts";
import { Database } from "./database.ts";
import { distributionOf, type TableState } from "./distribution.ts";
import { NODES } from "./statements-distribution.ts";
import * as sql from "./statements-service.ts";

/** The state of a database, for checks of its health. */
export interface PostgresState {
  /** Such as 180000. */
  readonly versionNumber: number;
  readonly version: string;
  /** Whether a commit waits for the disk, in sessions of our user. */
  readonly synchronousCommit: string;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** Whether it is a standby, which takes no writes. */
  readonly isStandby: boolean;
  readonly connectionsMax: number;
  readonly connectionsUsed: number;
  /** Whether our user may create tables, as migrations do. */
  readonly mayCreate: boolean;
  /** Rights on our tables that our user lacks, such as `update on operations`. */
  readonly missingRights: readonly string[];
  /** The number of operations, according to the statistics. */
  readonly liveRows: number;
  readonly deadRows: number;
  /** The size of the table of operations on disk, with its indexes. */
  readonly bytes: number;
  /**
   * The distribution of our tables with Citus; absent if the database has no Citus, or none of our
   * tables.
   */
  readonly distribution?: readonly TableState[] | undefined;
  /** The worker nodes of Citus. */
  readonly nodes: readonly NodeState[];
  /**
   * The age of the oldest transaction, among those visible to our user, that keeps dead rows from
   * being removed.
   */
  readonly oldestTransactionSeconds: number;
}

/** A worker node of Citus. */
export interface NodeState {
  /** Host and port, as the coordinator knows them. */
  readonly name: string;
  /** The reason why it cannot be queried; null if it answers. */
  readonly problem: string | null;
}

/**
 * Reads the state of a database. Writes nothing.
 *
 * @throws {Error} of the database, the driver or the network if the database cannot be queried
 */
export async function inspectPostgres(
  address: Extract<StoreAddress, { kind: "postgres" }>,
): Promise<PostgresState> {
  const database = new Database({ address: address.url, connections: 1 });
  try {
    const [settings = []] = await database.query(sql.SETTINGS);
    const [versionNumber, version, synchronousCommit, fsync, fullPageWrites, isStandby, max, used] = settings;
    const [create] = await database.query(sql.MAY_CREATE);
    const rights = await database.query(sql.MISSING_RIGHTS);
    const [bloat = []] = await database.query(sql.BLOAT);
    const distribution = await distributionOf((text, parameters) => database.query(text, parameters));
    const nodes = distribution === undefined ? [] : await database.query(NODES);
    const [oldest] = await database.query(sql.OLDEST_TRANSACTION);
    return {
      versionNumber: Number(versionNumber),
      version: String(version),
      synchronousCommit: String(synchronousCommit),
      fsync: fsync === "on",
      fullPageWrites: fullPageWrites === "on",
      isStandby: isStandby === true,
      connectionsMax: Number(max),
      connectionsUsed: Number(used),
      mayCreate: create?.[0] === true,
      missingRights: rights.map(([right]) => String(right)),
      liveRows: Number(bloat[0]),
      deadRows: Number(bloat[1]),
      bytes: Number(bloat[2]),
      distribution,
      nodes: nodes.map(([name, answers, said]) => ({
        name: String(name),
        problem: answers === true ? null : typeof said === "string" ? said : "it was switched off",
      })),
      oldestTransactionSeconds: Number(oldest?.[0]),
    };
  } finally {
    await database.close();
  }
}
