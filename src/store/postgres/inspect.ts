import type { StoreAddress } from "../address.ts";
import { Database } from "./database.ts";
import * as sql from "./statements-service.ts";

/** What a database says of itself, for whoever looks whether it is well. */
export interface PostgresState {
  /** Such as 180000. */
  readonly versionNumber: number;
  readonly version: string;
  /** Whether a commit waits for the disk, as our user's sessions have it. */
  readonly synchronousCommit: string;
  readonly fsync: boolean;
  readonly fullPageWrites: boolean;
  /** It follows another server and takes no writes. */
  readonly isStandby: boolean;
  readonly connectionsMax: number;
  readonly connectionsUsed: number;
  /** Whether our user may make tables, which migrations do. */
  readonly mayCreate: boolean;
  /** Rights on our tables that our user lacks, such as `update on operations`. */
  readonly missingRights: readonly string[];
  /** Rows of operations, as the statistics have them. */
  readonly liveRows: number;
  readonly deadRows: number;
  /** The table of operations on disk, with its indexes. */
  readonly bytes: number;
  /** Whether the table is an empty shell, whose rows are on other servers (Citus). */
  readonly isDistributed: boolean;
  /** The age of the oldest transaction that keeps dead rows from being removed; of those that our user may see. */
  readonly oldestTransactionSeconds: number;
}

/**
 * Asks a database how it is. Writes nothing.
 *
 * @throws {Error} with what the database, the driver or the network said, when it cannot be asked
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
    const [hasCatalog] = await database.query(sql.HAS_DISTRIBUTION);
    const distributed = hasCatalog?.[0] === true ? await database.query(sql.DISTRIBUTED) : [];
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
      isDistributed: distributed.length > 0,
      oldestTransactionSeconds: Number(oldest?.[0]),
    };
  } finally {
    await database.close();
  }
}
