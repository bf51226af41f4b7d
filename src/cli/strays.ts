import { currentAttempt } from "../worker/current-attempt.ts";

/** An uncaught error, or an end of the process that foreign code causes. */
export type Stray =
  | { readonly how: "exception" | "rejection" | "exit"; readonly error: unknown }
  /** The process is ending at this moment: nothing can be awaited any more. */
  | { readonly how: "ending"; readonly code: number };

/**
 * Reports uncaught errors and calls of `process.exit` of foreign code.
 *
 * In a handler, `process.exit` does not end the process, which must release other work first: it is
 * reported, and throws instead. Elsewhere it works as usual. A program with its own listener of
 * `unhandledRejection` handles those itself.
 *
 * @param listener called in the context of the causing code, so that `currentAttempt()` identifies
 * it
 * @returns a function that ends this
 */
export function watchStrays(listener: (stray: Stray) => void): () => void {
  const exception = (error: unknown): void => listener({ how: "exception", error });
  const rejection = (error: unknown): void => {
    if (process.listenerCount("unhandledRejection") === 1) listener({ how: "rejection", error });
  };
  const ending = (code: number): void => listener({ how: "ending", code });
  const exit = process.exit.bind(process);
  process.exit = (...code) => {
    if (currentAttempt() === undefined) return exit(...code);
    const error = new Error(
      `A handler called process.exit(${code.join("")}), which would end the work of others`,
    );
    listener({ how: "exit", error });
    throw error;
  };
  process.on("uncaughtException", exception);
  process.on("unhandledRejection", rejection);
  process.on("exit", ending);
  return () => {
    process.exit = exit;
    process.off("uncaughtException", exception);
    process.off("unhandledRejection", rejection);
    process.off("exit", ending);
  };
}
