/** What is wrong in a file of rules, and where. */
export interface Mistake {
  /** From 1. */
  readonly line: number;
  /** Such as `grants[2].role`; empty for the file itself. */
  readonly path: string;
  readonly message: string;
}

/** What stands at a place: a text, a number, true or false, nothing, a list, or members by their names. */
export type EntryValue = string | number | boolean | null | readonly Entry[] | ReadonlyMap<string, Entry>;

/** A value of a file of rules, with the place that it stands at. */
export class Entry {
  readonly value: EntryValue;
  readonly path: string;
  readonly line: number;
  readonly #mistakes: Mistake[];

  /** @param mistakes is added to, by this entry and those below it */
  constructor(
    value: EntryValue,
    place: { readonly path: string; readonly line: number },
    mistakes: Mistake[],
  ) {
    this.value = value;
    this.path = place.path;
    this.line = place.line;
    this.#mistakes = mistakes;
  }

  /** Tells what is wrong here. */
  refuse(message: string): void {
    this.#mistakes.push({ line: this.line, path: this.path, message });
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
