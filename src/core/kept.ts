/**
 * Makes something when it is asked for first, and keeps it. What could not be made is not kept: the next who asks has it made
 * anew.
 */
export function kept<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
