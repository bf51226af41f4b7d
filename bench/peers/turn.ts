import { cpuMs } from "./cpu.ts";
import { type Loaded, run } from "./load.ts";
import type { Peer, Stage } from "./peer.ts";

/** How long the parts of a turn are, in seconds. */
export interface TurnSize {
  readonly warmUpSeconds: number;
  readonly manySeconds: number;
  readonly aloneSeconds: number;
}

/** What one turn of one peer showed. */
export interface Turn {
  readonly many: Loaded;
  readonly alone: Loaded;
  /** Of one operation with 64 callers; server, worker and store together. */
  readonly cpuMicroseconds: number;
  /** Of one operation with 64 callers. Absent where the store does not count. */
  readonly logBytes?: number;
  /** The same of the transactions that were committed. Sessions tell of theirs about a second late. */
  readonly commits?: number;
  /** Of one operation that is kept, over the whole turn. */
  readonly diskBytes: number;
}

const MANY = 64;

/** Starts a peer on an empty store, loads it, stops it, and weighs what is left. */
export async function turnOf(peer: Peer, stage: Stage, size: TurnSize): Promise<Turn> {
  const { store } = stage;
  const running = await peer.launch(stage);
  try {
    const empty = await store.diskBytes();
    const warm = await run(running, { callers: MANY, seconds: size.warmUpSeconds });
    const pids = [...running.pids, ...store.pids];
    const [cpuBefore, before] = [cpuMs(pids), await countsOf(store)];
    const many = await run(running, { callers: MANY, seconds: size.manySeconds });
    const [cpuAfter, after] = [cpuMs(pids), await countsOf(store)];
    const alone = await run(running, { callers: 1, seconds: size.aloneSeconds });
    await running.stop();
    const kept = warm.operations + many.operations + alone.operations;
    const each = (from: number | undefined, to: number | undefined): number | undefined =>
      from === undefined || to === undefined ? undefined : (to - from) / many.operations;
    const [logBytes, commits] = [each(before.logBytes, after.logBytes), each(before.commits, after.commits)];
    return {
      many,
      alone,
      cpuMicroseconds: ((cpuAfter - cpuBefore) * 1_000) / many.operations,
      ...(logBytes === undefined ? {} : { logBytes }),
      ...(commits === undefined ? {} : { commits }),
      diskBytes: ((await store.diskBytes()) - empty) / kept,
    };
  } finally {
    await running.stop();
  }
}

/** What a store has counted so far, where it counts. */
async function countsOf(store: Stage["store"]) {
  return { logBytes: await store.logBytes?.(), commits: await store.commits?.() };
}
