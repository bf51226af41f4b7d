/** A class, an escape, a counted repetition, or a single character. */
const PIECE =
  /\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|.)|\{(\d+)(?:,(\d*))?\}|./gsu;

/**
 * The size of a pattern for `matches()` with its counted repetitions expanded; never too small.
 * `[a-z]{40}` counts like forty classes. The time of its engine (RE2) is proportional to this size
 * times the length of the text.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function patternSize(pattern: string): number {
  /** The open groups: their size so far, and the size of their last piece. */
  const open = [{ size: 0, last: 0 }];
  for (const [piece, least, most] of pattern.matchAll(PIECE)) {
    const group = open.at(-1) ?? { size: 0, last: 0 };
    if (least !== undefined) {
      const times = Math.max(Number(least), Number(most ?? 0)) + 1;
      group.size += group.last * (times - 1);
      group.last *= times;
    } else if (piece === "(") open.push({ size: 1, last: 0 });
    else if (piece === ")" && open.length > 1) {
      open.pop();
      const outer = open.at(-1) ?? group;
      outer.last = group.size + 1;
      outer.size += outer.last;
    } else {
      // `+` and similar operators belong to the piece before, and are repeated with it.
      group.last = "*+?".includes(piece) ? group.last + 1 : 1;
      group.size++;
    }
  }
  return open.reduce((sum, { size }) => sum + size, 0);
}
