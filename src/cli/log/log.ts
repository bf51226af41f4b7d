import type { Clock } from "../../core/ports/clock.ts";
import type { Log, LogFields } from "../../core/ports/log.ts";
import { StatusError } from "../../core/error/error.ts";
import type { Io } from "../io.ts";
import { LogSink } from "./log-sink.ts";
import { Repeats } from "./repeats.ts";
import { manyLines, oneLine, styleFor } from "../output/style.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** How important a message is. */
export type Level = (typeof LEVELS)[number];

/** How the log is written. */
export interface LogOptions {
  /** `text` for people, `json` for machines: one object a line. */
  readonly format: "text" | "json";
  /** Anything less important is left out. */
  readonly level: Level;
}

/** A log on standard error. */
export interface ServerLog extends Log {
  /** Writes what has been counted and not told yet, before the process ends. */
  flush(): void;
}

/**
 * Makes a log on standard error. Warnings and errors that repeat are counted (see {@link Repeats}), except at the level
 * `debug`, which has every line. An output that cannot be written stops nobody (see {@link LogSink}).
 */
export function createLog(
  io: Pick<Io, "stderr" | "clock" | "environment">,
  { format, level }: LogOptions,
): ServerLog {
  const { clock } = io;
  const line = format === "json" ? jsonLine : textLine(io);
  const sink = new LogSink(io.stderr, clock, (count) =>
    line(timeOf(clock), "warn", "lines of this log were dropped: it could not be written", { count }),
  );
  const repeats = new Repeats(clock);
  const least = LEVELS.indexOf(level);
  const at = (each: Level, counted: boolean) => {
    const write = (message: string, fields: LogFields): void =>
      sink.write(line(timeOf(clock), each, message, fields));
    return (message: string, fields: LogFields = {}): void => {
      if (LEVELS.indexOf(each) < least) return;
      if (counted) repeats.write(each, message, { fields, write });
      else write(message, fields);
    };
  };
  const counts = level !== "debug";
  return {
    debug: at("debug", false),
    info: at("info", false),
    warn: at("warn", counts),
    error: at("error", counts),
    flush: () => repeats.flush(),
  };
}

function timeOf(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

type Line = (time: string, level: Level, message: string, fields: LogFields) => string;

/** `{"time": …, "level": …, "message": …, …fields}`. A field cannot take the place of the message. */
const jsonLine: Line = (time, level, message, fields) => {
  const plain = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainField(value)]));
  return `${JSON.stringify({ time, level, ...plain, message })}\n`;
};

function textLine(io: Pick<Io, "stderr" | "environment">): Line {
  const style = styleFor(io, io.stderr);
  const paint = { debug: style.dim, info: style.cyan, warn: style.yellow, error: style.red };
  return (time, level, message, fields) => {
    const given = Object.entries(fields).filter(([, value]) => value !== undefined);
    const facts = given.filter(([, value]) => !isStory(value));
    const stories = given.filter(([, value]) => isStory(value)).map(([, value]) => `\n${storyText(value)}`);
    const shown = facts.map(([key, value]) => ` ${style.dim(`${key}=`)}${factText(value)}`);
    return `${style.dim(time)} ${paint[level](level.padEnd(5))} ${oneLine(message)}${shown.join("")}${stories.join("")}\n`;
  };
}

/** What has lines of its own goes below the message: errors, stacks. */
function isStory(value: unknown): boolean {
  return value instanceof Error || (typeof value === "string" && value.includes("\n"));
}

function storyText(value: unknown): string {
  return manyLines(errorText(value)).replace(/^/gm, "  ");
}

function factText(value: unknown): string {
  const plain = plainField(value);
  const text = typeof plain === "string" ? plain : (JSON.stringify(plain) ?? "undefined");
  return /^[^\s"=]+$/.test(text) ? oneLine(text) : JSON.stringify(text);
}

/** What JSON can hold: errors with stack and causes, big numbers as text, and never a throw. */
function plainField(value: unknown): unknown {
  if (value instanceof Error) return errorText(value);
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  try {
    return JSON.parse(JSON.stringify(value) ?? "null") as unknown;
  } catch {
    return "(cannot be shown)";
  }
}

/**
 * Stack and causes, outermost first. A service that is not available is no bug, and where in the program it was noticed
 * helps nobody: its stack is left out, and so are those of its causes.
 */
function errorText(error: unknown): string {
  const expected = error instanceof StatusError && error.code === "UNAVAILABLE";
  const parts: string[] = [];
  for (let each: unknown = error, depth = 0; each !== undefined && depth < 5; depth++) {
    parts.push(each instanceof Error ? oneError(each, expected) : plainText(each));
    each = each instanceof Error ? each.cause : undefined;
  }
  return parts.join("\ncaused by: ");
}

function oneError(error: Error, expected: boolean): string {
  const summary = `${error.name}: ${error.message}`;
  return expected ? summary : (error.stack ?? summary);
}

function plainText(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? typeof value);
}
