import { type Clock, systemClock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Random } from "../../core/ports/random.ts";
import type { StoreAddress } from "../address.ts";
import { LeaseThread } from "../leases/lease-thread.ts";
import { type Migration, type MigrationStatus, pendingMigrations } from "../migrate.ts";
import { Channel } from "./channel.ts";
import { Database, type DatabaseOptions, type Query } from "./database.ts";
import { distributionOf, isCut, isToDistribute, requireDistribution } from "./distribution.ts";
import type { ChannelTies } from "./hints.ts";
import type { LeaseThreadData } from "./lease-thread-entry.ts";
import { MigrationWaits } from "./migration-waits.ts";
import { openingFault } from "./opening-fault.ts";
import { rehearseAll } from "./rehearsal.ts";
import { retrying } from "./retry.ts";
import { makeKey, migrate, migrationsOf, readKey, requireMigrated } from "./schema.ts";
import { SCHEMA } from "./statements-service.ts";
import type { Topic } from "./notices.ts";
import { learnTime, StoreClock } from "./store-clock.ts";
import { PostgresStore } from "./store.ts";
import { threadEntry } from "../thread-entry.ts";

/** Options for a PostgreSQL store. */
export interface PostgresOptions {
  /**
   * Whether processes notify each other of changes by LISTEN and NOTIFY. Without notifications they
   * poll: behind pgbouncer in transaction mode, and on databases without LISTEN. @default true
   */
  readonly listen?: boolean;
  /** The most connections of this process, not counting the one that listens. @default 8 */
  readonly connections?: number;
}

interface OpenParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  readonly readOnly: boolean;
  readonly keepsLeases: boolean;
  readonly topics: readonly Topic[];
  /** The methods that this process runs. */
  readonly runs: readonly string[];
  readonly postgres: PostgresOptions;
}

type PostgresAddress = Extract<StoreAddress, { kind: "postgres" }>;

/**
 * Opens a store in PostgreSQL, and migrates its schema unless the store is read-only. Errors are as
 * in `openStore`.
 */
export function openPostgres(address: PostgresAddress, parts: OpenParts): Promise<PostgresStore> {
  return told(address, () => open(address, parts));
}

async function open(address: PostgresAddress, parts: OpenParts): Promise<PostgresStore> {
  const { clock, random, tell, readOnly, keepsLeases, topics, postgres } = parts;
  const { listen = true, connections = LIMITS.connections } = postgres;
  if (!readOnly) await applyAll(address, parts);
  const options: DatabaseOptions = { address: address.url, connections };
  const database = new Database(options);
  try {
    const storeClock = new StoreClock(clock);
    const { key, schema, isDistributed } = await retrying(random, async () => {
      const query = queryOf(database);
      await requireMigrated(query);
      await learnTime({ database, clock, storeClock });
      const tables = await distributionOf(query);
      if (isCut(tables)) requireDistribution(tables ?? []);
      const [row] = await query(SCHEMA);
      return {
        isDistributed: isCut(tables),
        key: await keyOf(query, parts),
        schema: String(row?.[0]),
      };
    });
    if (!readOnly) await rehearseAll(database, random, isDistributed);
    const sender = Buffer.from(random.bytes(6)).toString("base64url");
    const channel = (more: ChannelTies): Channel =>
      new Channel({ clock: systemClock, options, database, schema, topics, sender, tell, ...more });
    const home = { name: sender, methods: new Set(parts.runs) };
    const hints = listen && !readOnly ? { hints: { channel, home } } : {};
    const made = { database, clock, storeClock, random, tell, key, readOnly, isDistributed, ...hints };
    // The thread cannot follow a clock that a test sets, so the main thread then renews the leases.
    if (readOnly || !keepsLeases || clock.isReal !== true) return new PostgresStore(made);
    const data: LeaseThreadData = { options: { ...options, connections: 1 }, isDistributed };
    const leaseThread = new LeaseThread({ entry: threadEntry("lease", import.meta.url), data, clock, tell });
    await leaseThread.ready();
    return new PostgresStore({ ...made, renewals: (hear) => leaseThread.renewals(hear), leaseThread });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Converts errors for the operator. */
async function told<Result>(address: PostgresAddress, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw openingFault(address.url, error);
  }
}

/**
 * A read-only process creates no key. A database without a key has issued no page tokens, so any
 * key will do.
 */
async function keyOf(query: Query, { readOnly, random }: OpenParts): Promise<Uint8Array> {
  const fresh = random.bytes(32);
  return readOnly ? ((await readKey(query)) ?? fresh) : makeKey(query, fresh);
}

/** The migrations of a database, applied and pending. */
export function listPostgresMigrations(
  address: PostgresAddress,
  parts: Pick<OpenParts, "random">,
): Promise<readonly MigrationStatus[]> {
  return told(address, () => list(address, parts));
}

async function list(
  address: PostgresAddress,
  { random }: Pick<OpenParts, "random">,
): Promise<readonly MigrationStatus[]> {
  const database = new Database({ address: address.url, connections: 1 });
  try {
    return await retrying(random, () => migrationsOf(queryOf(database)));
  } finally {
    await database.close();
  }
}

/** Applies pending migrations. Announces each migration, and the session for which it waits. */
export function migratePostgres(
  address: PostgresAddress,
  parts: Pick<OpenParts, "clock" | "random" | "tell">,
): Promise<readonly Migration[]> {
  return told(address, () => applyAll(address, parts));
}

async function applyAll(
  address: PostgresAddress,
  { clock, random, tell }: Pick<OpenParts, "clock" | "random" | "tell">,
): Promise<readonly Migration[]> {
  if (!(await isBehind(address, random))) return [];
  const name = `longrunning migration ${Buffer.from(random.bytes(6)).toString("base64url")}`;
  const patient = { address: address.url, connections: 1, patient: true, name };
  const [database, turn, onlooker] = [
    new Database(patient),
    new Database(patient),
    new Database({ address: address.url, connections: 1 }),
  ];
  const waits = new MigrationWaits({ query: queryOf(onlooker), name, tell });
  try {
    return await retrying(random, () => migrate(queryOf(database), turn, { now: () => clock.now(), tell }));
  } finally {
    waits.stop();
    await Promise.all([database.close(), turn.close(), onlooker.close()]);
  }
}

/** Whether migrations are pending or tables must be distributed. */
async function isBehind(address: PostgresAddress, random: Random): Promise<boolean> {
  const database = new Database({ address: address.url, connections: 1 });
  const query = queryOf(database);
  try {
    return await retrying(
      random,
      async () => pendingMigrations(await migrationsOf(query)).length > 0 || (await isToDistribute(query)),
    );
  } finally {
    await database.close();
  }
}

function queryOf(database: Database): Query {
  return (text, parameters) => database.query(text, parameters);
}
