import { DOMAIN_DEFAULT } from "../core/error/error.ts";
import { silence } from "../core/events.ts";
import type { State } from "../core/operation/operation.ts";
import type { Change, Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import type { TestEngine } from "../testing/test-engine.ts";
import { AttemptWrites } from "./attempt-writes.ts";
import { Engine } from "./engine.ts";
import { Records } from "./records.ts";
import { clean, pack } from "./packing.suite.ts";

/** An engine over a store of which other processes might change something, as far as the engine can tell. */
export interface EngineWithHints extends TestEngine {
  readonly openedAt: number;
  /** The ids of each read. */
  readonly reads: string[];
  /** Tells of a change, whether there was one or not. */
  readonly hint: (id: string, state: State | null) => void;
  /** Does something of which no listener is told. */
  readonly untold: <Result>(run: () => Promise<Result>) => Promise<Result>;
}

/** Opens one for a test. */
export async function openWithHints(
  told: Partial<Pick<Store, "pollMs" | "tellsOfOthers">> = {},
): Promise<EngineWithHints> {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const store = Object.assign(await openStore("sqlite::memory:", { clock, random }), told);
  const listeners: ((changes: readonly Change[]) => void)[] = [];
  let isDeaf = false;
  const watch = store.watch.bind(store);
  store.watch = (listener) => {
    listeners.push(listener);
    return watch((changes) => isDeaf || listener(changes));
  };
  const reads: string[] = [];
  const read = store.read.bind(store);
  store.read = (id) => {
    reads.push(id);
    return read(id);
  };
  const methods = new Map([pack, clean].map((method) => [method.name, method]));
  const domain = DOMAIN_DEFAULT;
  const attempts = new AttemptWrites(new Records(store, silence), domain);
  const engine = new Engine({ attempts, methods, clock, random, tell: silence, domain });
  return {
    engine,
    store,
    clock,
    openedAt: clock.now(),
    reads,
    hint: (id, state) => {
      const change = { id, method: "", state, availableTime: 0, cancelRequested: false };
      for (const listener of listeners) listener([change]);
    },
    untold: async (run) => {
      isDeaf = true;
      return run().finally(() => (isDeaf = false));
    },
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      await store.close();
    },
  };
}
