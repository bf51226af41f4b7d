import { readFileSync } from "node:fs";
import type { ServerProcess } from "../support/server-process.ts";

/** The first part of a run is the warm-up: code is compiled, and caches fill. */
const WARM_SHARE = 0.3;
/**
 * Allowed growth above the warm server's memory at the end: garbage that has not been collected.
 */
const GROWTH_BYTES_MAX = 96 * 1_048_576;

/** Watches the server's process from outside: whether it is alive, its log, and its memory. */
export class Watch {
  readonly #server: ServerProcess;
  readonly #warmAt: number;
  readonly #samples: { readonly sent: number; readonly bytes: number }[] = [];
  #read = 0;

  constructor(server: ServerProcess, requests: number) {
    this.#server = server;
    this.#warmAt = requests * WARM_SHARE;
  }

  /** The process has ended, which no request may cause. */
  get dead(): boolean {
    const { exitCode, signalCode } = this.#server.process;
    return exitCode !== null || signalCode !== null;
  }

  /** Errors logged since the last call, and the end of the process. */
  problems(): readonly string[] {
    const log = this.#server.log().slice(this.#read);
    const end = log.lastIndexOf("\n") + 1;
    this.#read += end;
    const lines = log
      .slice(0, end)
      .split("\n")
      .filter((line) => line !== "" && isProblem(line));
    const ended = `The server ended with ${this.#server.process.exitCode ?? this.#server.process.signalCode}`;
    const problems = lines.map((line) => `The server logged: ${line.slice(0, 2_000)}`);
    return this.dead ? [...problems, `${ended}:\n${this.#server.log().slice(-3_000)}`] : problems;
  }

  sample(sent: number): void {
    const bytes = anonymousBytes(this.#server.process.pid);
    if (bytes !== undefined) this.#samples.push({ sent, bytes });
  }

  /** The problem of the memory; undefined if it is flat, or cannot be measured. */
  growth(): string | undefined {
    const warm = this.#samples.filter(({ sent }) => sent >= this.#warmAt).map(({ bytes }) => bytes);
    if (warm.length < 6) return undefined;
    const third = Math.floor(warm.length / 3);
    const [early, late] = [median(warm.slice(0, third)), median(warm.slice(-third))];
    if (late - early <= GROWTH_BYTES_MAX) return undefined;
    return `Memory grew from ${mebibytes(early)} to ${mebibytes(late)} MiB after the warm-up`;
  }

  /** Such as `120 → 131 MiB`. */
  memory(): string {
    const first = this.#samples.find(({ sent }) => sent >= this.#warmAt) ?? this.#samples[0];
    const last = this.#samples.at(-1);
    return first === undefined || last === undefined
      ? "memory unknown"
      : `memory ${mebibytes(first.bytes)} → ${mebibytes(last.bytes)} MiB`;
  }
}

/**
 * The memory of a process without file mappings: the store reads through a mapping that grows with
 * the file and does not count. Undefined if this is not Linux, or the process has ended.
 */
export function anonymousBytes(pid: number | undefined): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const kibibytes = /^RssAnon:\s+(\d+) kB/m.exec(status)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1_024;
  } catch {
    return undefined;
  }
}

/** A log line that no request may cause. Node itself wrote the lines that are not JSON. */
export function isProblem(line: string): boolean {
  try {
    return (JSON.parse(line) as { readonly level?: string }).level === "error";
  } catch {
    return true;
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

export function mebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(0);
}
