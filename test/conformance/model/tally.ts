/**
 * Counts the outcomes of each kind of command, so that a run fails in which one never succeeded or
 * was never refused.
 */
export class Tally {
  readonly #counts = new Map<string, { succeeded: number; refused: number }>();

  count(kind: string, succeeded: boolean): void {
    const counts = this.#counts.get(kind) ?? { succeeded: 0, refused: 0 };
    counts[succeeded ? "succeeded" : "refused"] += 1;
    this.#counts.set(kind, counts);
  }

  /** The kinds that did not both succeed and get refused, with their counts. */
  gaps(kinds: readonly string[]): readonly string[] {
    return kinds.flatMap((kind) => {
      const { succeeded, refused } = this.#counts.get(kind) ?? { succeeded: 0, refused: 0 };
      return succeeded > 0 && refused > 0 ? [] : [`${kind}: ${succeeded} succeeded, ${refused} were refused`];
    });
  }

  /** A text for people. */
  toString(): string {
    return [...this.#counts]
      .map(([kind, { succeeded, refused }]) => `${kind} ${succeeded}/${refused}`)
      .join(", ");
  }
}
