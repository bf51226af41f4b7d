import type { State } from "../../core/operation/operation.ts";
import type { Change, Store } from "../../core/ports/store.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";
import { clean, pack } from "../packing.suite.ts";

/** An engine over a store that other processes might change, as far as the engine knows. */
export interface EngineWithHints extends TestEngine {
  readonly openedAt: number;
  /** The ids of each read. */
  readonly reads: string[];
  /** Announces a change, real or not. */
  readonly hint: (id: string, state: State | null) => void;
  /** Announces changes, like the store. */
  readonly tell: (changes: readonly Change[]) => void;
  /** Executes something without a notice to listeners. */
  readonly untold: <Result>(run: () => Promise<Result>) => Promise<Result>;
}

/** Opens an engine for a test. */
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
