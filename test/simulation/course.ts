/**
 * The record of a history: a hash, equal for equal courses; its lines, if they are wanted; and the
 * problems.
 */
export class Course {
  /** The problems, one of each kind. */
  readonly problems: string[] = [];
  readonly lines: string[] = [];
  readonly #isKept: boolean;
  readonly #now: () => number;
  readonly #labels = new Map<string, string>();
  #hash = 0x811c9dc5;

  /** @param isKept whether to keep the lines */
  constructor(now: () => number, isKept: boolean) {
    this.#now = now;
    this.#isKept = isKept;
  }

  /** Adds a line. */
  tell(line: string): void {
    const text = `${this.#now()} ${line}`;
    for (let index = 0; index < text.length; index++)
      this.#hash = Math.imul(this.#hash ^ text.charCodeAt(index), 0x01000193);
    if (this.#isKept) this.lines.push(text);
  }

  /** Adds a problem. */
  fail(problem: string): void {
    const told = this.#labelled(problem);
    this.tell(`PROBLEM ${told}`);
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(`at ${this.#now()} ms: ${told}`);
  }

  /** A short name for an operation, in the order in which operations were stored. */
  labelOf(id: string): string {
    let label = this.#labels.get(id);
    if (label === undefined) this.#labels.set(id, (label = `o${this.#labels.size + 1}`));
    return label;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, "0");
  }

  #labelled(text: string): string {
    return text.replaceAll(ID, (name) => this.labelOf(name.slice(-36)));
  }
}

const ID = /(?:operations\/)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const PROBLEMS_MAX = 5;
