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
    const [cpuBefore, logBefore] = [cpuMs(pids), await store.logBytes?.()];
    const many = await run(running, { callers: MANY, seconds: size.manySeconds });
    const [cpuAfter, logAfter] = [cpuMs(pids), await store.logBytes?.()];
    const alone = await run(running, { callers: 1, seconds: size.aloneSeconds });
    await running.stop();
    const kept = warm.operations + many.operations + alone.operations;
    const counted = logBefore !== undefined && logAfter !== undefined;
    return {
      many,
      alone,
      cpuMicroseconds: ((cpuAfter - cpuBefore) * 1_000) / many.operations,
      ...(counted ? { logBytes: (logAfter - logBefore) / many.operations } : {}),
      diskBytes: ((await store.diskBytes()) - empty) / kept,
    };
  } finally {
    await running.stop();
  }
}
