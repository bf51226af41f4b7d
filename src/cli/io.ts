import { type Clock, systemClock } from "../core/ports/clock.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import { EXIT } from "./exit.ts";
import { type Stray, watchStrays } from "./strays.ts";

/** Where a command writes to. */
export interface Output {
  /** @param written is told when the system has taken the text, or why it did not */
  write(text: string, written?: (error?: Error | null) => void): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal; of no meaning elsewhere. */
  readonly columns: number;
  /** Lines of the terminal; of no meaning elsewhere. */
  readonly rows: number;
}

/** Everything that a command has of the world, so that a test can be the world. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  /** All of standard input. */
  readStdin(): Promise<string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Relative paths begin here. */
  readonly directory: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: typeof fetch;
  /** Calls `listener` on Ctrl-C and on SIGTERM, instead of ending the process. Returns what takes it off. */
  onInterrupt(listener: () => void): () => void;
  /**
   * Calls `listener` for each key that is pressed, until it is taken off by what this returns. Keys are named by what a terminal
   * sends for them, such as `q` or `\r`. Undefined where nobody has a keyboard.
   */
  onKey(listener: (key: string) => void): (() => void) | undefined;
  /** Calls `listener` on SIGHUP, instead of ending the process. Returns what takes it off. */
  onHangup(listener: () => void): () => void;
  /** Calls `listener` for errors that nobody caught, and for ends of the process that nobody asked of us. */
  onStray(listener: (stray: Stray) => void): () => void;
  /** From now on, output that cannot be written ends nothing: its reader has gone, or the disk is full. */
  surviveBrokenOutput(): void;
  /** The exit code of a process that is ending already. */
  setExitCode(code: number): void;
  /** Ends the process at once. */
  exit(code: number): void;
  /** Ends the process after a moment, with the exit code that it has then, if something still keeps it running. */
  exitSoon(): void;
}

const COLUMNS_DEFAULT = 80;
const ROWS_DEFAULT = 24;

/** How long {@link Io.exitSoon} leaves the last lines of the log to be written. */
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
    // `longrunning list | head -1`: the reader has what it wanted, and that is no failure.
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    process.stderr.write(`error: Standard output cannot be written: ${error.message}\n`);
    process.exit(EXIT.refused);
  });
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    // Messages that nobody can read change nothing about the outcome.
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
      // 0 where the terminal does not tell, as under some recorders.
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
