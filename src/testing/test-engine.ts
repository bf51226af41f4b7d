import type { Method } from "../core/method/method.ts";
import { DOMAIN_DEFAULT } from "../core/error/error.ts";
import { silence } from "../core/events.ts";
import type { Store } from "../core/ports/store.ts";
import { AttemptWrites } from "../engine/attempt-writes.ts";
import { Engine } from "../engine/engine.ts";
import { Records } from "../engine/records.ts";
import { openStore } from "../store/open.ts";
import { ManualClock } from "./manual-clock.ts";
import { seededRandom } from "./seeded-random.ts";

/** An engine without a worker over a store in memory, and the clock that both go by. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: ManualClock;
}

/** Opens one for a test: `await using test = await openTestEngine([method])`. Its sweep is turned by hand. */
export async function openTestEngine(
  methods: readonly Method[],
  address = "sqlite::memory:",
): Promise<TestEngine> {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const store = await openStore(address, { clock, random });
  const named = new Map(methods.map((method) => [method.name, method]));
  const domain = DOMAIN_DEFAULT;
  const attempts = new AttemptWrites(new Records(store, silence), domain);
  const engine = new Engine({ attempts, methods: named, clock, random, tell: silence, domain });
  return {
    engine,
    store,
    clock,
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      await store.close();
    },
  };
}
