import { type Clock, systemClock } from "../core/ports/clock.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import { EXIT } from "./exit.ts";
import { type Stray, watchStrays } from "./strays.ts";

/** A destination for a command's output. */
export interface Output {
  /** @param written called after the system has accepted the text, or with the error */
  write(text: string, written?: (error?: Error | null) => void): void;
  /** Whether it is a terminal. */
  readonly isTerminal: boolean;
  /** The characters per line of the terminal; otherwise meaningless. */
  readonly columns: number;
  /** The lines of the terminal; otherwise meaningless. */
  readonly rows: number;
}

/** A command's complete access to the outside world, so that a test can replace it. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** All of standard input. */
  readStdin(): Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The base of relative paths. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof fetch;
  /**
   * Calls `listener` on Ctrl-C and on SIGTERM, instead of ending the process. Returns a function
   * that removes it.
   */
  onInterrupt(listener: () => void): () => void;
  /**
   * Calls `listener` for each pressed key, until the returned function removes it. Keys are named
   * by the text that a terminal sends, such as `q` or `\r`. Undefined without a keyboard.
   */
  onKey(listener: (key: string) => void): (() => void) | undefined;
  /**
   * Calls `listener` on SIGHUP, instead of ending the process. Returns a function that removes it.
   */
  onHangup(listener: () => void): () => void;
  /** Calls `listener` for uncaught errors, and for ends of the process that foreign code causes. */
  onStray(listener: (stray: Stray) => void): () => void;
  /**
   * From now on, output that cannot be written, because its reader has gone or the disk is full,
   * does not end the process.
   */
  surviveBrokenOutput(): void;
  /** Sets the exit code of a process that is already ending. */
  setExitCode(code: number): void;
  /** Ends the process at once. */
  exit(code: number): void;
  /**
   * Ends the process after a moment, with its exit code at that time, if anything still keeps it
   * running.
   */
  exitSoon(): void;
}

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** The time that {@link Io.exitSoon} allows for writing the last lines of the log. */
const EXIT_SOON_MS = 200;

/** The process itself. */
export function processIo(): Io {
  let survives = false;
  let leaving = false;
  const leave = (code?: number): void => {
    leaving = true;
    process.exit(code ?? process.exitCode);
  };
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (survives) return;
    // `longrunning list | head -1`: the reader has read enough, and that is not a failure.
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    process.stderr.write(`error: Standard output cannot be written: ${error.message}\n`);
    process.exit(EXIT.refused);
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    // Messages that nobody can read do not change the outcome.
    if (!survives && error.code === "EPIPE") process.exit(process.exitCode ?? 0);
  });
  return {
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    readStdin,
    environment: process.env,
    directory: process.cwd(),
    clock: systemClock,
    random: systemRandom,
    fetch: (...call) => fetch(...call),
    onInterrupt,
    onKey,
    onHangup,
    surviveBrokenOutput: () => {
      survives = true;
    },
    onStray: (listener) => watchStrays((stray) => (leaving ? undefined : listener(stray))),
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exit: leave,
    exitSoon: () => void systemClock.after(EXIT_SOON_MS, leave),
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text, written) => void stream.write(text, written),
    get isTerminal() {
      return stream.isTTY ?? false;
    },
    get columns() {
      // 0 if the terminal does not report it, as with some recorders.
      return stream.columns > 0 ? stream.columns : COLUMNS_DEFAULT;
    },
    get rows() {
      return stream.rows > 0 ? stream.rows : ROWS_DEFAULT;
    },
  };
}

async function readStdin(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Buffer));
  return Buffer.concat(chunks).toString("utf8");
}

function onInterrupt(listener: () => void): () => void {
  process.on("SIGINT", listener);
  process.on("SIGTERM", listener);
  return () => {
    process.off("SIGINT", listener);
    process.off("SIGTERM", listener);
  };
}

function onKey(listener: (key: string) => void): (() => void) | undefined {
  const { stdin } = process;
  if (!stdin.isTTY) return undefined;
  const hear = (text: string): void => listener(text);
  stdin.setRawMode(true).setEncoding("utf8").on("data", hear).resume();
  return () => void stdin.off("data", hear).pause().setRawMode(false);
}

function onHangup(listener: () => void): () => void {
  process.on("SIGHUP", listener);
  return () => void process.off("SIGHUP", listener);
}
