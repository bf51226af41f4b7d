/** A place in a file that people write. */
export interface Place {
  /** The name of the file in messages. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In UTF-16 code units, from 1. */
  readonly column: number;
  /** A path such as `grants[2].role`; empty for the file itself. */
  readonly path: string;
}

/** A mistake in a file, with its place. */
export interface Mistake extends Place {
  readonly message: string;
}

/** The value at a place: a text, a number, true or false, null, a list, or members by name. */
export type EntryValue = string | number | boolean | null | readonly Entry[] | ReadonlyMap<string, Entry>;

/** A value of a file with its place. */
export class Entry {
  readonly value: EntryValue;
  readonly place: Place;
  /** The place of its name; for an entry without a name, its own place. */
  readonly namePlace: Place;
  readonly #mistakes: Mistake[];

  /** @param mistakes receives the mistakes of this entry and those below it */
  constructor(
    value: EntryValue,
    { place, namePlace = place }: { readonly place: Place; readonly namePlace?: Place },
    mistakes: Mistake[],
  ) {
    this.value = value;
    this.place = place;
    this.namePlace = namePlace;
    this.#mistakes = mistakes;
  }

  /** Reports a mistake here. */
  refuse(message: string): void {
    this.#mistakes.push({ ...this.place, message });
  }

  /** Reports a mistake in its name. */
  refuseName(message: string): void {
    this.#mistakes.push({ ...this.namePlace, message });
  }

  /** The entry at a path below it, or the nearest one above that path. */
  nearest(path: readonly (string | number)[]): Entry {
    const [first, ...rest] = path;
    const { value } = this;
    const next: Entry | undefined =
      value instanceof Map
        ? value.get(String(first))
        : Array.isArray(value)
          ? value[Number(first)]
          : undefined;
    return first === undefined || next === undefined ? this : next.nearest(rest);
  }

  /** The value for messages. */
  get shown(): string {
    const { value } = this;
    if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
    if (value === null) return "nothing";
    if (typeof value !== "object") return String(value);
    return value instanceof Map ? "a mapping" : "a list";
  }
}
