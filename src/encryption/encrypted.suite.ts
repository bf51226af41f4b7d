import { createSecretKey } from "node:crypto";
import { compileFilter } from "../core/filter/check.ts";
import { silence, type Tell } from "../core/events.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { systemRandom } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { checkFilter } from "./filters.ts";
import { type Kek, Keks } from "./keks.ts";
import { encryptedStore } from "./open.ts";

/** A different KEK for each number. */
export function aKek(number: number): Kek {
  const key = Buffer.alloc(32, number);
  return {
    id: number.toString(16).padStart(16, "0"),
    source: `test:${number}`,
    secret: createSecretKey(key),
  };
}

/** An encrypted store. */
export function encrypted(
  store: Store,
  {
    keks: [first, ...others],
    clock = systemClock,
    seals = true,
    service = "longrunning",
    tell = silence,
  }: {
    readonly keks: readonly [Kek, ...Kek[]];
    readonly clock?: Clock;
    readonly seals?: boolean;
    readonly service?: string;
    readonly tell?: Tell;
  },
): Promise<Store> {
  const keks = new Keks(first, others);
  return encryptedStore(store, { keks, seals, clock, random: systemRandom, tell, service });
}

/** Whether a store with sealed payloads answers a filter. */
export function answers(text: string): boolean {
  const filter = compileFilter(text);
  try {
    if (filter !== undefined) checkFilter(filter);
    return true;
  } catch {
    return false;
  }
}
