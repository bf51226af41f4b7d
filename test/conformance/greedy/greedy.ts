import { ANONYMOUS } from "../../../src/core/caller.ts";
import type { TestEngine } from "../../../src/testing/test-engine.ts";
import { settled } from "../../../src/testing/manual-clock.ts";

/**
 * One connection that requests much and reads nothing, or waits for much: the work for it has a
 * bound, and others are answered meanwhile. The tests of this folder count work and do not time it.
 */

/** A valid name of an operation that does not exist. */
export const UNKNOWN = "operations/019b7606-5c00-7000-8000-000000000000";

/** The work that was done for callers. */
export interface Tally {
  lists: number;
  reads: number;
}

/** Starts counting. */
export function tallyOf({ store }: Pick<TestEngine, "store">): Tally {
  const tally = { lists: 0, reads: 0 };
  const [list, read] = [store.list.bind(store), store.read.bind(store)];
  store.list = (query) => {
    tally.lists++;
    return list(query);
  };
  store.read = (id) => {
    tally.reads++;
    return read(id);
  };
  return tally;
}

/** Starts this many operations of a kilobyte. */
export async function fill({ engine }: Pick<TestEngine, "engine">, count: number): Promise<void> {
  const request = { directory: `/${"a".repeat(1_000)}` };
  const starts = Array.from({ length: count }, () =>
    engine.operations.start(ANONYMOUS, { method: "createArchive", request }),
  );
  await Promise.all(starts);
}

/** Resolves when no further work happens, however often the loop turns. */
export async function standstill(tally: Tally): Promise<void> {
  for (let before = -1; before !== tally.lists + tally.reads; ) {
    before = tally.lists + tally.reads;
    await settled(1_000);
  }
}
