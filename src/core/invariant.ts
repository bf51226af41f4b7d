/**
 * Thrown only because of a bug in this program. Callers of the service see INTERNAL without the
 * text.
 */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** Asserts a condition that only a bug of this program can break. Never use it for input. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}
