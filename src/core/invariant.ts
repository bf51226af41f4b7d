/** Thrown where only a bug of ours can lead. Callers of the service see INTERNAL and nothing of the text. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Asserts what must be true unless this program has a bug. Never for input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
