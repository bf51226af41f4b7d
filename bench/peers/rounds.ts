import { median } from "../measure.ts";
import type { BuiltProgram } from "../processes/build.ts";
import { versionOf } from "./install.ts";
import { type Peer, Unavailable } from "./peer.ts";
import type { Stores } from "./stores.ts";
import { type Turn, type TurnSize, turnOf } from "./turn.ts";

/** The median of the rounds, and the extremes. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** The figures of a peer. A figure that the store does not count is absent. */
export interface Figures {
  readonly perSecond: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly aloneP50Ms: Spread;
  readonly aloneP99Ms: Spread;
  readonly cpuMicroseconds: Spread;
  readonly logBytes?: Spread;
  readonly commits?: Spread;
  readonly diskBytes: Spread;
}

/** The stored result of a peer. */
export interface PeerResult {
  readonly name: string;
  readonly title: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly store: string;
  readonly tells: string;
  readonly settings: string;
  readonly keeps: string;
  readonly fences: string;
  readonly figures?: Figures;
  /** Why it did not take part. */
  readonly unavailable?: string;
  /** Why it has no figures. */
  readonly failure?: string;
}

/** The inputs of the rounds. */
export interface Rounds {
  readonly peers: readonly Peer[];
  readonly stores: Stores;
  readonly program: BuiltProgram;
  readonly folder: string;
  readonly size: TurnSize & { readonly rounds: number };
  tell(text: string): void;
}

interface Course {
  readonly turns: Turn[];
  unavailable?: string;
  failure?: string;
}

/**
 * Measures one peer after another, round by round, so that a disturbance of the machine affects all
 * of them.
 */
export async function runRounds(rounds: Rounds): Promise<readonly PeerResult[]> {
  const courses = new Map<Peer, Course>(rounds.peers.map((peer) => [peer, { turns: [] }]));
  for (let round = 1; round <= rounds.size.rounds; round++) {
    rounds.tell(`\nRound ${round} of ${rounds.size.rounds}`);
    for (const [peer, course] of courses) {
      if (course.unavailable !== undefined || course.failure !== undefined) continue;
      try {
        const turn = await takeTurn(rounds, peer);
        course.turns.push(turn);
        rounds.tell(lineOf(peer, turn));
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        if (error instanceof Unavailable) course.unavailable = text;
        else course.failure = text;
        rounds.tell(`  ${peer.title}: ${course.unavailable === undefined ? "FAILED" : "skipped"}: ${text}`);
      }
    }
  }
  return [...courses].map(([peer, course]) => resultOf(peer, course));
}

async function takeTurn({ stores, program, folder, size }: Rounds, peer: Peer): Promise<Turn> {
  const store = await (await stores.of(peer.store)).open();
  try {
    return await turnOf(peer, { store, program, folder }, size);
  } finally {
    await store.close();
  }
}

function lineOf({ title }: Peer, { many, alone, cpuMicroseconds, commits, logBytes }: Turn): string {
  const rate = `${many.perSecond.toFixed(0).padStart(7)}/s`;
  const time = `alone ${alone.p50Ms.toFixed(2)} ms, p99 ${alone.p99Ms.toFixed(2)} ms`;
  const counted =
    commits === undefined
      ? ""
      : `; ${commits.toFixed(2)} commits, ${(logBytes ?? 0).toFixed(0)} bytes of WAL`;
  return `  ${title.padEnd(34)}${rate}, p99 ${many.p99Ms.toFixed(0)} ms; ${time}; ${cpuMicroseconds.toFixed(0)} µs CPU${counted}`;
}

function resultOf(peer: Peer, { turns, unavailable, failure }: Course): PeerResult {
  const { name, title, store, tells, settings, keeps, fences } = peer;
  const versions = Object.fromEntries(peer.packages.map((each) => [each, versionOf(each)]));
  const known = { name, title, versions, store, tells, settings, keeps, fences };
  if (unavailable !== undefined) return { ...known, unavailable };
  if (failure !== undefined) return { ...known, failure };
  return { ...known, figures: figuresOf(turns) };
}

function figuresOf(turns: readonly Turn[]): Figures {
  const logs = turns.flatMap(({ logBytes }) => (logBytes === undefined ? [] : [logBytes]));
  const commits = turns.flatMap((turn) => (turn.commits === undefined ? [] : [turn.commits]));
  return {
    perSecond: spreadOf(turns.map(({ many }) => many.perSecond)),
    p50Ms: spreadOf(turns.map(({ many }) => many.p50Ms)),
    p99Ms: spreadOf(turns.map(({ many }) => many.p99Ms)),
    aloneP50Ms: spreadOf(turns.map(({ alone }) => alone.p50Ms)),
    aloneP99Ms: spreadOf(turns.map(({ alone }) => alone.p99Ms)),
    cpuMicroseconds: spreadOf(turns.map((turn) => turn.cpuMicroseconds)),
    ...(logs.length > 0 ? { logBytes: spreadOf(logs) } : {}),
    ...(commits.length > 0 ? { commits: spreadOf(commits) } : {}),
    diskBytes: spreadOf(turns.map((turn) => turn.diskBytes)),
  };
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}
