import type { Clock } from "../../core/ports/clock.ts";
import type { Log, LogFields } from "../../core/ports/log.ts";
import { readTraceContext } from "../../core/trace-context.ts";
import type { Io } from "../io.ts";
import { errorText, plainField } from "./field-text.ts";
import { LogSink } from "./log-sink.ts";
import { type Entry, gcpLine, type GcpOptions, jsonLine } from "./machine-line.ts";
import { Repeats } from "./repeats.ts";
import { manyLines, oneLine, styleFor } from "../output/style.ts";

const LEVELS = ["debug", "info", "warn", "error"] as const;

/** The importance of a message. */
export type Level = (typeof LEVELS)[number];

/** The options of the log. */
export interface LogOptions {
  /**
   * `text` for people, `json` for machines, one object per line; `gcp` is the same in Google
   * Cloud's format.
   */
  readonly format: "text" | "json" | "gcp";
  /** Less important messages are left out. */
  readonly level: Level;
  readonly gcp?: GcpOptions;
  /** The worker of this process, once there is one: it makes the attempts in the log. */
  readonly worker?: () => string | undefined;
}

/** A log on standard error. */
export interface ServerLog extends Log {
  /** Writes the unreported counts, before the process ends. */
  flush(): void;
}

/**
 * Creates a log on standard error. Repeated warnings and errors are counted (see {@link Repeats}),
 * except at the level `debug`, which contains every line. An output that cannot be written delays
 * nobody (see {@link LogSink}).
 */
export function createLog(io: Pick<Io, "stderr" | "clock" | "environment">, options: LogOptions): ServerLog {
  const { level } = options;
  const { clock } = io;
  const line = lineFor(io, options);
  const sink = new LogSink(io.stderr, clock, (count) => {
    const message = "lines of this log were dropped: it could not be written";
    return line({ time: timeOf(clock), level: "warn", message, fields: { count } });
  });
  const repeats = new Repeats(clock);
  const least = LEVELS.indexOf(level);
  const at = (each: Level, counted: boolean) => {
    const write = (message: string, fields: LogFields): void =>
      sink.write(line(entryOf({ time: timeOf(clock), level: each, message }, fields, options)));
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

type Line = (entry: Entry) => string;

function lineFor(io: Pick<Io, "stderr" | "environment">, { format, gcp }: LogOptions): Line {
  if (format === "text") return textLine(io);
  return format === "json" ? jsonLine : (entry) => gcpLine(entry, gcp ?? { producer: "longrunning" });
}

/**
 * Adds the context of a message: the trace of its caller or attempt, and the worker of this
 * process.
 */
function entryOf(
  { time, level, message }: Pick<Entry, "time" | "level" | "message">,
  { traceparent, ...given }: LogFields,
  { worker }: LogOptions,
): Entry {
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const its = fields["attempt"] !== undefined && fields["worker"] === undefined ? worker?.() : undefined;
  return {
    time,
    level,
    message,
    fields: its === undefined ? fields : { ...fields, worker: its },
    trace: typeof traceparent === "string" ? readTraceContext(traceparent) : undefined,
  };
}

function textLine(io: Pick<Io, "stderr" | "environment">): Line {
  const style = styleFor(io, io.stderr);
  const paint = { debug: style.dim, info: style.cyan, warn: style.yellow, error: style.red };
  return ({ time, level, message, fields, trace }) => {
    const traced = trace === undefined ? {} : { traceId: trace.traceId };
    const given = Object.entries({ ...fields, ...traced });
    const facts = given.filter(([, value]) => !isStory(value));
    const stories = given.filter(([, value]) => isStory(value)).map(([, value]) => `\n${storyText(value)}`);
    const shown = facts.map(([key, value]) => ` ${style.dim(`${key}=`)}${factText(value)}`);
    return `${style.dim(time)} ${paint[level](level.padEnd(5))} ${oneLine(message)}${shown.join("")}${stories.join("")}\n`;
  };
}

/** Values with several lines are written below the message: errors and stacks. */
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
