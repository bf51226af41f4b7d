/** Where something stands in a file that people write. */
export interface Place {
  /** As messages call the file. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** In UTF-16 code units, from 1. */
  readonly column: number;
  /** Such as `grants[2].role`; empty for the file itself. */
  readonly path: string;
}

/** What is wrong in a file, and where. */
export interface Mistake extends Place {
  readonly message: string;
}

/** What stands at a place: a text, a number, true or false, nothing, a list, or members by their names. */
export type EntryValue = string | number | boolean | null | readonly Entry[] | ReadonlyMap<string, Entry>;

/** A value of a file, with the place that it stands at. */
export class Entry {
  readonly value: EntryValue;
  readonly place: Place;
  /** Where its name stands; of what has no name, where it stands itself. */
  readonly namePlace: Place;
  readonly #mistakes: Mistake[];

  /** @param mistakes is added to, by this entry and those below it */
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

  /** Tells what is wrong here. */
  refuse(message: string): void {
    this.#mistakes.push({ ...this.place, message });
  }

  /** Tells what is wrong with its name. */
  refuseName(message: string): void {
    this.#mistakes.push({ ...this.namePlace, message });
  }

  /** The entry at a path below it, or the nearest around that. */
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

  /** The value as messages show it. */
  get shown(): string {
    const { value } = this;
    if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
    if (value === null) return "nothing";
    if (typeof value !== "object") return String(value);
    return value instanceof Map ? "members" : "a list";
  }
}
