import type { Method } from "../core/method/method.ts";
import { DOMAIN_DEFAULT } from "../core/error/error.ts";
import { silence, type Tell } from "../core/events.ts";
import type { DeliverySource } from "../core/ports/deliveries.ts";
import type { Store } from "../core/ports/store.ts";
import type { Claimant } from "../core/ports/worker-port.ts";
import { AttemptWrites } from "../engine/attempt-writes.ts";
import type { BuiltIns } from "../engine/admin/built-in.ts";
import { Engine } from "../engine/engine.ts";
import type { Policy } from "../engine/policy.ts";
import { Records } from "../engine/records.ts";
import { openStore } from "../store/open.ts";
import { assertNothingLeft, countCalls, countListeners } from "./left-behind.ts";
import { ManualClock, settled } from "./manual-clock.ts";
import { seededRandom } from "./seeded-random.ts";

/** An engine without a worker, over a store in memory, and their common clock. */
export interface TestEngine extends AsyncDisposable {
  readonly engine: Engine;
  readonly store: Store;
  readonly clock: ManualClock;
}

/** Options of {@link openTestEngine}. */
export interface TestEngineOptions {
  /** @default a store in memory */
  readonly address?: string;
  /** @default a new clock */
  readonly clock?: ManualClock;
  /** @default no listeners */
  readonly tell?: Tell;
  /** @default everything is allowed */
  readonly policy?: Partial<Policy>;
  /** Wraps the store for the engine. @default no wrapper */
  readonly around?: (store: Store) => Store;
  /** Built-in methods of the service. @default none */
  readonly builtIns?: BuiltIns;
  /** Creates the source of deliveries. @default none */
  readonly deliveries?: (store: Store) => Promise<DeliverySource>;
  /** @default no worker */
  readonly claimant?: (attempts: AttemptWrites) => Claimant | undefined;
}

/**
 * Opens an engine for a test: `await using test = await openTestEngine([method])`. The test runs
 * its sweep by hand. At its end the test fails if the engine has left waiters, listeners or timers
 * behind.
 */
export async function openTestEngine(
  methods: readonly Method[],
  options: TestEngineOptions = {},
): Promise<TestEngine> {
  const { address = "sqlite::memory:", tell = silence, around = (store) => store } = options;
  const { clock = new ManualClock() } = options;
  const random = seededRandom(1);
  const store = around(await openStore(address, { clock, random, tell }));
  const named = new Map(methods.map((method) => [method.name, method]));
  const listeners = countListeners(store);
  const domain = DOMAIN_DEFAULT;
  const deliveries = await options.deliveries?.(store);
  const attempts = new AttemptWrites(new Records(store, tell, undefined, deliveries), domain);
  const claimant = options.claimant?.(attempts);
  const given = { ...options, tell, clock, random, domain, methods: named };
  const engine = new Engine({ ...given, attempts, claimant });
  const others = countListeners(store);
  const waits = countCalls(engine.operations, "wait");
  return {
    engine,
    store,
    clock,
    [Symbol.asyncDispose]: async () => {
      await settled();
      const { underWay } = waits;
      const open = {
        "waiters that nobody waits for": Math.max(0, engine.operations.waiting - underWay),
        "abort listeners that nobody needs": Math.max(0, waits.listeners - underWay),
      };
      await engine.stop();
      await settled();
      await store.close();
      assertNothingLeft({
        ...open,
        "waits without an answer": waits.underWay,
        waiters: engine.operations.waiting,
        watchers: engine.operations.watching,
        "abort listeners": waits.listeners,
        "listeners of the store": listeners() - others(),
        timers: clock.pending,
      });
    },
  };
}
