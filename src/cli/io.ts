import { type Clock, systemClock } from "../core/clock.ts";
import { type Random, systemRandom } from "../core/random.ts";

/** Where a command writes to. */
export interface Output {
  write(text: string): void;
  /** Whether a person looks at it. */
  readonly isTerminal: boolean;
  /** Characters in a line of the terminal; of no meaning elsewhere. */
  readonly columns: number;
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
  /** Calls `listener` on SIGHUP, instead of ending the process. Returns what takes it off. */
  onHangup(listener: () => void): () => void;
  /** Ends the process at once. */
  exit(code: number): void;
}

const COLUMNS_DEFAULT = 80;

/** The process itself. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // `longrunning list | head -1`: the reader has what it wanted, and that is no failure.
      if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
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
    onHangup,
    exit: (code) => process.exit(code),
  };
}

function outputOf(stream: NodeJS.WriteStream): Output {
  return {
    write: (text) => void stream.write(text),
    get isTerminal() {
      return stream.isTTY ?? false;
    },
    get columns() {
      // 0 where the terminal does not tell, as under some recorders.
      return stream.columns > 0 ? stream.columns : COLUMNS_DEFAULT;
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

function onHangup(listener: () => void): () => void {
  process.on("SIGHUP", listener);
  return () => void process.off("SIGHUP", listener);
}
