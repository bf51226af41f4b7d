/** A class, an escape, a counted repetition, or one character. */
const PIECE =
  /\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\\(?:[pP]\{[^}]*\}|x\{[^}]*\}|.)|\{(\d+)(?:,(\d*))?\}|./gsu;

/**
 * The size of a pattern of `matches()` with its counted repetitions written out, never too small: `[a-z]{40}` is as large as
 * forty classes. Its engine (RE2) takes time by this size times the length of the text.
 *
 * @see https://github.com/google/re2/wiki/Syntax
 */
export function patternSize(pattern: string): number {
  /** What the groups that are open have so far, and what the last piece of each has. */
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
      // `+` and the like stand behind a piece, and are repeated with it.
      group.last = "*+?".includes(piece) ? group.last + 1 : 1;
      group.size++;
    }
  }
  return open.reduce((sum, { size }) => sum + size, 0);
}
