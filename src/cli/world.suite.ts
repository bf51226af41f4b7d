import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { systemRandom } from "../core/ports/random.ts";
import { COMMANDS } from "./commands.ts";
import type { Io, Output } from "./io.ts";
import { run } from "./run.ts";

/**
 * The world of a command, for the tests of this room: its output can be read, and signals can be
 * sent. A test fails if its command leaves a signal listener.
 */
export interface World extends Disposable {
  readonly io: Io;
  /** Its own folder, the base of relative paths. */
  readonly directory: string;
  /** Everything written so far. */
  out(): string;
  err(): string;
  /** The exit codes passed to `io.exit`. */
  readonly exits: number[];
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Presses another key. */
  press(key: string): void;
  /** Sends SIGHUP. */
  hangUp(): void;
  /** Resolves when standard error contains `text`. */
  errContains(text: string): Promise<void>;
  /** Resolves when standard output contains `text`. */
  outContains(text: string): Promise<void>;
  /** Runs a command line and returns the exit code. */
  run(...words: string[]): Promise<number>;
  /** Writes a file and returns its path. */
  file(name: string, text: string): string;
}

/** The differences from a pipe without variables. */
export interface WorldOptions {
  readonly terminal?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly clock?: Clock;
  readonly fetch?: typeof fetch;
}

/** Makes a world. */
export function aWorld(options: WorldOptions = {}): World {
  const directory = mkdtempSync(join(tmpdir(), "longrunning-cli-"));
  const stdout = recorder(options.terminal ?? false);
  const stderr = recorder(options.terminal ?? false);
  const listeners = new Set<() => void>();
  const hangups = new Set<() => void>();
  const keys = new Set<(key: string) => void>();
  const exits: number[] = [];
  const io: Io = {
    stdout,
    stderr,
    readStdin: async () => options.stdin ?? "",
    environment: options.environment ?? {},
    directory,
    clock: options.clock ?? systemClock,
    random: systemRandom,
    fetch: options.fetch ?? ((...call) => fetch(...call)),
    onInterrupt: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onKey: (listener) => {
      if (options.terminal !== true) return undefined;
      keys.add(listener);
      return () => void keys.delete(listener);
    },
    onHangup: (listener) => {
      hangups.add(listener);
      return () => void hangups.delete(listener);
    },
    onStray: () => () => {},
    surviveBrokenOutput: () => {},
    setExitCode: (code) => void exits.push(code),
    exit: (code) => void exits.push(code),
    exitSoon: () => {},
  };
  return {
    io,
    directory,
    exits,
    out: () => stdout.text(),
    err: () => stderr.text(),
    interrupt: () => listeners.forEach((listener) => listener()),
    press: (key) => keys.forEach((listener) => listener(key)),
    hangUp: () => hangups.forEach((listener) => listener()),
    errContains: (text) => stderr.contains(text),
    outContains: (text) => stdout.contains(text),
    run: (...words) => run(io, COMMANDS, words),
    file: (name, text) => {
      writeFileSync(join(directory, name), text);
      return join(directory, name);
    },
    [Symbol.dispose]: () => {
      rmSync(directory, { recursive: true, force: true });
      const left = listeners.size + hangups.size + keys.size;
      if (left > 0) throw new Error(`The commands left ${left} listeners of signals and keys behind`);
    },
  };
}

function recorder(isTerminal: boolean): Output & { text(): string; contains(part: string): Promise<void> } {
  let text = "";
  const waiting: { readonly part: string; readonly resolve: () => void }[] = [];
  return {
    isTerminal,
    columns: 80,
    rows: 24,
    write: (more, written) => {
      text += more;
      written?.();
      waiting.filter(({ part }) => text.includes(part)).forEach(({ resolve }) => resolve());
    },
    text: () => text,
    contains: (part) =>
      new Promise((resolve) => {
        if (text.includes(part)) resolve();
        else waiting.push({ part, resolve });
      }),
  };
}

/** A source file of ours, for imports of a module in a test folder. */
export function source(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
