import { currentAttempt } from "../worker/current-attempt.ts";

/** An error that nobody caught, or an end of the process that was not asked of us. */
export type Stray =
  | { readonly how: "exception" | "rejection" | "exit"; readonly error: unknown }
  /** The process is ending in this very moment: nothing can be awaited any more. */
  | { readonly how: "ending"; readonly code: number };

/**
 * Tells of what code that we do not know leaves behind in the process: errors that nobody caught, and calls of `process.exit`.
 *
 * In a handler, `process.exit` does not end the process, which has other work to give back first: it is told, and throws
 * instead. Anywhere else it does what it always does. A program that listens to `unhandledRejection` itself has decided what
 * becomes of those.
 *
 * @param listener is called in the context of the code that is to blame, so that `currentAttempt()` tells whose it is
 * @returns takes it off
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
