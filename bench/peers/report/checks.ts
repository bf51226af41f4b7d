import type { Check } from "../../measure.ts";
import type { Figures, PeerResult, Spread } from "../rounds.ts";

/** Ours against the others, on the medians. What cannot be compared, since one of both has no figures, is left out. */
export function checksOf(results: readonly PeerResult[]): readonly Check[] {
  const others = results.filter(({ name }) => !isOurs(name));
  const onPostgres = others.filter(({ store }) => store === "postgres");
  const keeping = others.filter(({ keeps }) => keeps.startsWith("yes"));
  const keepingOnPostgres = onPostgres.filter(({ keeps }) => keeps.startsWith("yes"));
  const postgres = figuresOf(results, "longrunning-postgres");
  const sqlite = figuresOf(results, "longrunning-sqlite");
  const named = (name: string): readonly PeerResult[] => others.filter((each) => each.name === name);
  const best = most(({ perSecond }) => perSecond);
  const alone50 = least(({ aloneP50Ms }) => aloneP50Ms);
  const alone99 = least(({ aloneP99Ms }) => aloneP99Ms);
  return [
    ...times(postgres, best(onPostgres), "rate, times the best peer on PostgreSQL", 3),
    ...times(postgres, best(named("restate")), "rate, times Restate", 3),
    ...times(postgres, best(named("bullmq-redis-always")), "rate, times BullMQ on Redis at always", 1),
    ...times(sqlite, best(others), "rate on SQLite, times the best peer", 1),
    ...times(postgres, alone50(others), "alone: p50, times the best peer"),
    ...times(postgres, alone99(others), "alone: p99, times the best peer"),
    ...times(postgres, alone50(onPostgres), "alone: p50, times the best peer on PostgreSQL"),
    ...times(postgres, alone99(onPostgres), "alone: p99, times the best peer on PostgreSQL"),
    ...times(sqlite, alone50(others), "alone on SQLite: p50, times the best peer"),
    ...times(sqlite, alone99(others), "alone on SQLite: p99, times the best peer"),
    ...times(
      postgres,
      least(({ cpuMicroseconds }) => cpuMicroseconds)(keeping),
      "CPU, times the least of those that keep",
    ),
    ...times(
      postgres,
      least(({ logBytes }) => logBytes)(keepingOnPostgres),
      "WAL, times the least of those on PostgreSQL that keep",
    ),
    ...times(
      postgres,
      least(({ diskBytes }) => diskBytes)(keepingOnPostgres),
      "disk, times the least of those on PostgreSQL that keep",
    ),
    ...times(
      postgres,
      least(({ diskBytes }) => diskBytes)(keeping),
      "disk, times the least of those that keep",
    ),
  ];
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
