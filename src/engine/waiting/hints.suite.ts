import type { State } from "../../core/operation/operation.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";
import { clean, pack } from "../packing.suite.ts";

/** An engine over a store of which other processes might change something, as far as the engine can tell. */
export interface EngineWithHints extends TestEngine {
  readonly openedAt: number;
  /** The ids of each read. */
  readonly reads: string[];
  /** Tells of a change, whether there was one or not. */
  readonly hint: (id: string, state: State | null) => void;
  /** Tells of changes, as the store does. */
  readonly tell: (changes: readonly Change[]) => void;
  /** Does something of which no listener is told. */
  readonly untold: <Result>(run: () => Promise<Result>) => Promise<Result>;
}

/** Opens one for a test. */
export async function openWithHints(
  told: Partial<Pick<Store, "pollMs" | "tellsOfOthers">> = {},
): Promise<EngineWithHints> {
  const listeners: ((changes: readonly Change[]) => void)[] = [];
  let isDeaf = false;
  const reads: string[] = [];
  const around = (opened: Store): Store => {
    const store = Object.assign(opened, told);
    const watch = store.watch.bind(store);
    store.watch = (listener) => {
      listeners.push(listener);
      return watch((changes) => isDeaf || listener(changes));
    };
    const read = store.read.bind(store);
    store.read = (id) => {
      reads.push(id);
      return read(id);
    };
    return store;
  };
  const test = await openTestEngine([pack, clean], { around });
  const tell = (changes: readonly Change[]): void => {
    for (const listener of listeners) listener(changes);
  };
  return {
    ...test,
    openedAt: test.clock.now(),
    reads,
    hint: (id, state) => {
      tell([{ id, method: "", state, availableTime: 0, cancelRequested: false }]);
    },
    tell,
    untold: async (run) => {
      isDeaf = true;
      return run().finally(() => (isDeaf = false));
    },
  };
}
