import type { Check } from "../../measure.ts";
import type { Figures, PeerResult, Spread } from "../rounds.ts";

/** Ours against the others, on the medians. What cannot be compared, since one of both has no figures, is left out. */
export function checksOf(results: readonly PeerResult[]): readonly Check[] {
  const others = results.filter(({ name }) => !isOurs(name));
  const postgres = figuresOf(results, "longrunning-postgres");
  const sqlite = figuresOf(results, "longrunning-sqlite");
  return [
    ...rates(postgres, sqlite, others),
    ...durationsAlone(postgres, sqlite, others),
    ...costs(postgres, others.filter(keepsResults)),
    ...overWire(figuresOf(results, "longrunning-wire"), results),
  ];
}

/** A worker over the wire, against one on the database: two commits an operation where that has three. */
function overWire(wire: Figures | undefined, results: readonly PeerResult[]): readonly Check[] {
  const onDatabase = named(results, "longrunning-postgres");
  const rate = most(({ perSecond }) => perSecond);
  const alone = least(({ aloneP50Ms }) => aloneP50Ms);
  const p50 = times(
    wire,
    alone(onDatabase),
    "worker over REST, alone: p50, times that of one on the database",
  );
  return [
    ...times(wire, rate(onDatabase), "worker over REST: rate, times that of one on the database", 1.3),
    ...p50.map((check) => ({ ...check, limit: 0.7 })),
    ...times(wire, rate(named(results, "restate")), "worker over REST: rate, times Restate", 3),
  ];
}

function rates(
  postgres: Figures | undefined,
  sqlite: Figures | undefined,
  others: readonly PeerResult[],
): readonly Check[] {
  const best = most(({ perSecond }) => perSecond);
  return [
    ...times(postgres, best(others.filter(isOnPostgres)), "rate, times the best peer on PostgreSQL", 4),
    ...times(postgres, best(named(others, "restate")), "rate, times Restate", 2.5),
    ...times(
      postgres,
      best(named(others, "bullmq-redis-always")),
      "rate, times BullMQ on Redis at always",
      1,
    ),
    ...times(sqlite, best(others), "rate on SQLite, times the best peer", 2),
  ];
}

function durationsAlone(
  postgres: Figures | undefined,
  sqlite: Figures | undefined,
  others: readonly PeerResult[],
): readonly Check[] {
  const p50 = least(({ aloneP50Ms }) => aloneP50Ms);
  const p99 = least(({ aloneP99Ms }) => aloneP99Ms);
  const onPostgres = others.filter(isOnPostgres);
  const everysec = named(others, "bullmq-redis-everysec");
  return [
    ...times(postgres, p50(others), "alone: p50, times the best peer"),
    ...times(postgres, p99(others), "alone: p99, times the best peer"),
    ...times(postgres, p50(onPostgres), "alone: p50, times the best peer on PostgreSQL"),
    ...times(postgres, p99(onPostgres), "alone: p99, times the best peer on PostgreSQL"),
    ...times(sqlite, p50(everysec), "alone on SQLite: p50, times BullMQ on Redis at everysec"),
    ...times(sqlite, p50(others), "alone on SQLite: p50, times the best peer"),
    ...times(sqlite, p99(others), "alone on SQLite: p99, times the best peer"),
  ];
}

/** @param keeping those that keep results, as ours do */
function costs(postgres: Figures | undefined, keeping: readonly PeerResult[]): readonly Check[] {
  const onPostgres = keeping.filter(isOnPostgres);
  const cpu = least(({ cpuMicroseconds }) => cpuMicroseconds);
  const wal = least(({ logBytes }) => logBytes);
  const disk = least(({ diskBytes }) => diskBytes);
  return [
    ...times(postgres, cpu(keeping), "CPU, times the least of the peers that keep results"),
    ...times(postgres, cpu(onPostgres), "CPU, times the least of the peers on PostgreSQL that keep results"),
    ...times(postgres, wal(onPostgres), "WAL, times the least of the peers on PostgreSQL that keep results"),
    ...times(
      postgres,
      disk(onPostgres),
      "disk, times the least of the peers on PostgreSQL that keep results",
    ),
    ...times(postgres, disk(keeping), "disk, times the least of the peers that keep results"),
  ];
}

function named(results: readonly PeerResult[], name: string): readonly PeerResult[] {
  return results.filter((each) => each.name === name);
}

function isOnPostgres({ store }: PeerResult): boolean {
  return store === "postgres";
}

function keepsResults({ keeps }: PeerResult): boolean {
  return keeps.startsWith("yes");
}

/** Whether a peer is one of ours. */
export function isOurs(name: string): boolean {
  return name.startsWith("longrunning-");
}

type Pick = (figures: Figures) => Spread | undefined;

/** The best of some peers, and where it was found. */
interface Best {
  readonly pick: Pick;
  readonly value: number | undefined;
}

function most(pick: Pick): (results: readonly PeerResult[]) => Best {
  return (results) => ({ pick, value: valuesOf(results, pick).toSorted((a, b) => b - a)[0] });
}

function least(pick: Pick): (results: readonly PeerResult[]) => Best {
  return (results) => ({ pick, value: valuesOf(results, pick).toSorted((a, b) => a - b)[0] });
}

function valuesOf(results: readonly PeerResult[], pick: Pick): readonly number[] {
  return results.flatMap(({ figures }) => {
    const spread = figures === undefined ? undefined : pick(figures);
    return spread === undefined ? [] : [spread.median];
  });
}

/** @param atLeast how many times the best; without it, ours must be at most the best */
function times(ours: Figures | undefined, best: Best, what: string, atLeast?: number): readonly Check[] {
  const own = ours === undefined ? undefined : best.pick(ours);
  if (own === undefined || best.value === undefined) return [];
  const value = own.median / best.value;
  return [{ what, value, limit: atLeast ?? 1, rule: atLeast === undefined ? "at most" : "at least" }];
}

function figuresOf(results: readonly PeerResult[], name: string): Figures | undefined {
  return results.find((each) => each.name === name)?.figures;
}
