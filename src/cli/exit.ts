/** The exit codes of the process. Scripts rely on these numbers. */
export const EXIT = {
  succeeded: 0,
  failed: 1,
  usage: 2,
  cancelled: 3,
  notFound: 4,
  stillRunning: 5,
  unreachable: 6,
  refused: 7,
  interrupted: 130,
} as const;

/** A name of an exit code. */
export type ExitName = keyof typeof EXIT;

/** The meaning of each code, for `--help` and `docs/cli.md`. */
export const EXIT_MEANINGS: Readonly<Record<ExitName, string>> = {
  succeeded: "Success.",
  failed: "The operation failed, a check of doctor failed, or serve ended unexpectedly.",
  usage: "The command line or a setting is wrong; nothing was done.",
  cancelled: "The operation was cancelled.",
  notFound: "The operation or method does not exist.",
  stillRunning: "The timeout has passed and the operation is not done.",
  unreachable: "The server cannot be reached or is not available.",
  refused: "The call was refused, or another error occurred; see the message.",
  interrupted: "Interrupted with Ctrl-C.",
};

/** An error that ends a command, with its message, the next step, and the exit code. */
export class CommandError extends Error {
  override readonly name = "CommandError";
  readonly exit: ExitName;
  /** The next step for the user, as one sentence. */
  readonly next: string | undefined;

  constructor(exit: ExitName, message: string, next?: string) {
    super(message);
    this.exit = exit;
    this.next = next;
  }
}

/**
 * An error as the log shows it: only the message for a mistake of the operator, such as an
 * invalid file. Other errors stay as they are, with their stacks.
 */
export function errorForLog(error: unknown): unknown {
  if (error instanceof CommandError) return `${error.message} ${error.next ?? ""}`.trimEnd();
  return error instanceof TypeError ? error.message : error;
}

/**
 * The exit codes of a command that waits for an operation: how the operation ended, or why that is
 * unknown.
 */
export const WAITING_EXITS = [
  "succeeded",
  "failed",
  "usage",
  "cancelled",
  "notFound",
  "stillRunning",
  "unreachable",
  "refused",
  "interrupted",
] as const satisfies readonly ExitName[];
