import { cpuMs } from "./cpu.ts";
import { type Loaded, run } from "./load.ts";
import type { Peer, Stage } from "./peer.ts";

/** The lengths of the parts of a turn, in seconds. */
export interface TurnSize {
  readonly warmUpSeconds: number;
  readonly manySeconds: number;
  readonly aloneSeconds: number;
}

/** The figures of one turn of one peer. */
export interface Turn {
  readonly many: Loaded;
  readonly alone: Loaded;
  /** CPU time of one operation with 64 callers; server, worker and store together. */
  readonly cpuMicroseconds: number;
  /**
   * Bytes written to the log for one operation with 64 callers. Absent if the store does not count.
   */
  readonly logBytes?: number;
  /**
   * Transactions committed for one operation. PostgreSQL's sessions report them about a second
   * late.
   */
  readonly commits?: number;
  /** Bytes on disk of one stored operation, over the whole turn. */
  readonly diskBytes: number;
}

const MANY = 64;

/** Starts a peer on an empty store, loads it, stops it, and measures the size of the store. */
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

/** The store's counters, if it has them. */
async function countsOf(store: Stage["store"]) {
  return { logBytes: await store.logBytes?.(), commits: await store.commits?.() };
}
