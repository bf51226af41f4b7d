import { Lane, type LaneParts, type ItemOutcome } from "./lane.ts";

/** A batch that the test answers. */
export interface Batch {
  readonly items: readonly string[];
  readonly answer: (outcomes?: readonly ItemOutcome<string>[]) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * A lane whose batches the test answers by hand. The key of an item is the text before its colon.
 */
export function byHand(parts: Partial<LaneParts<string, string>> = {}) {
  const batches: Batch[] = [];
  const lane = new Lane<string, string>({
    inFlightMax: 1,
    carryOut: (items) =>
      new Promise((resolve, reject) => {
        const outcomes = items.map((item) => ({ answer: `answer ${item}` }));
        batches.push({ items, answer: (given = outcomes) => resolve(given), fail: reject });
      }),
    ...parts,
  });
  return { lane, batches, sent: () => batches.map(({ items }) => items) };
}

/** The text before the colon of an item. */
export function keyOf(item: string): string[] {
  return item.includes(":") ? [item.slice(0, item.indexOf(":"))] : [];
}
