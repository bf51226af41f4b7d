import { EVERY, type Mask } from "./mask.ts";

/**
 * The selection at one place of a value: the union of these masks. There are several if a field is
 * named and `*` covers it as well. It is made once for each distinct place, however many objects
 * there are.
 */
class Selection {
  /** Whether the whole value is selected. */
  readonly isWhole: boolean;
  readonly #masks: readonly Mask[];
  readonly #below = new Map<string, Selection>();
  #inside: ReadonlyMap<string, readonly Mask[]> | undefined;

  constructor(masks: readonly Mask[]) {
    this.#masks = masks;
    this.isWhole = masks.some(({ size }) => size === 0);
  }

  /** The selection below a field; undefined if the field is not selected. */
  below(name: string): Selection | undefined {
    const inside = (this.#inside ??= byName(this.#masks));
    const named = inside.get(name);
    const key = named === undefined ? EVERY : name;
    const known = this.#below.get(key);
    if (known !== undefined) return known;
    const every = inside.get(EVERY) ?? [];
    const masks = key === EVERY ? every : [...(named ?? []), ...every];
    if (masks.length === 0) return undefined;
    const made = new Selection(masks);
    this.#below.set(key, made);
    return made;
  }
}

function byName(masks: readonly Mask[]): ReadonlyMap<string, readonly Mask[]> {
  const all = new Map<string, Mask[]>();
  for (const mask of masks) {
    for (const [name, inside] of mask) {
      const named = all.get(name);
      if (named === undefined) all.set(name, [inside]);
      else named.push(inside);
    }
  }
  return all;
}

/**
 * Keeps only the parts of a JSON object that a mask names. @returns compact JSON; `{}` if nothing
 * is left
 */
export function maskJson(json: string, mask: Mask): string {
  return JSON.stringify(pick(JSON.parse(json), new Selection([mask])));
}

function pick(value: unknown, selection: Selection): unknown {
  if (selection.isWhole) return value;
  if (Array.isArray(value)) return value.map((member) => pick(member, selection) ?? {});
  // The mask goes deeper than the value.
  if (typeof value !== "object" || value === null) return undefined;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const wanted = selection.below(name);
    const picked = wanted === undefined ? undefined : pick(member, wanted);
    return picked === undefined ? [] : [[name, picked] as const];
  });
  return Object.fromEntries(kept);
}
