import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { LaneParts } from "./lane.ts";

/** Carries out batches as before, and announces each with `store.batch-ended`. */
export function toldBatches<Item, Answer>(
  lane: string,
  { tell, clock }: { readonly tell: Tell; readonly clock: Clock },
  carryOut: LaneParts<Item, Answer>["carryOut"],
): LaneParts<Item, Answer>["carryOut"] {
  return (items) => {
    if (tell["store.batch-ended"] === undefined) return carryOut(items);
    const startedAt = clock.monotonic();
    const ended = (error?: unknown): void =>
      tell["store.batch-ended"]?.({
        lane,
        count: items.length,
        durationMs: clock.monotonic() - startedAt,
        error,
      });
    const carried = carryOut(items);
    carried.then(() => ended(), ended);
    return carried;
  };
}
