import { type DeclaredMethod, isDeclaredMethod } from "../core/method/answered-method.ts";
import { type Duration, durationMs, parseDurationMs } from "../core/value/duration.ts";
import type { Method } from "../core/method/method.ts";
import { checkFunction, checkOptionNames, shownOption } from "../core/value/options.ts";
import { isUnboundMethod } from "../core/method/unbound-method.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import type { PostgresOptions } from "../store/postgres/open.ts";

/** What `openOperations` is given. */
export interface OpenOptions {
  /** The methods to offer and, unless `worker` is false, to run. */
  readonly methods: readonly DeclaredMethod[];
  /** Where operations live: `sqlite:path/to/file.db`, `postgres://user@host/database`, or `sqlite::memory:` for tests. */
  readonly store: string;
  /** How PostgreSQL is used; nothing for other stores. */
  readonly postgres?: PostgresOptions;
  /** Whether this process runs handlers. @default true */
  readonly worker?: boolean;
  /**
   * Whether callers of this process may wait for operations. On PostgreSQL, a process that only runs handlers is spared being
   * told of what others end; whoever waits in it all the same knows of it within a second. @default true
   */
  readonly callers?: boolean;
  /** Handlers at once in this process, over all methods. @default 64 */
  readonly concurrency?: number;
  /** How long a vanished worker's operations wait before another attempt. @default "30s" */
  readonly lease?: Duration;
  /** How long running handlers are given to end on {@link OpenedOperations.stop}. @default "10s" */
  readonly drain?: Duration;
  /** The service's name in discovery and in the `domain` of its errors. @default "longrunning" */
  readonly name?: string;
  /** The service's title in discovery. @default the name */
  readonly title?: string;
  /** The address callers use, where it is not the one they send as Host. Discovery tells it. */
  readonly publicUrl?: string;
  /** Origins whose pages may call from browsers, such as `https://app.example.com`; `*` for all. @default none */
  readonly cors?: readonly string[];
  /** Whether any page may read answers as scripts (`callback=…`), whatever `cors` says. @default false */
  readonly jsonp?: boolean;
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** What an option may be. @throws {TypeError} saying what it was; `what` is its name */
type Check = (what: string, value: unknown) => void;

const POSTGRES = {
  listen: truth,
  connections: whole(2, 100),
} as const satisfies Record<keyof PostgresOptions, Check>;

const OPTIONS = {
  methods: methodList,
  store: text('"sqlite:operations.db" or "postgres://user@host/database"'),
  postgres: (what, value) => checkEach(what, value, POSTGRES, "{ connections: 8 }"),
  worker: truth,
  callers: truth,
  concurrency: whole(1, 10_000),
  lease: duration("1s", "1h"),
  drain: duration("0s", "1h"),
  name: text('"archive.example.com"'),
  title: text('"Archives"'),
  publicUrl: text('"https://archive.example.com"'),
  cors: textList,
  jsonp: truth,
  log: functions("debug", "info", "warn", "error"),
  clock: functions("now", "monotonic", "after", "soon"),
  random: functions("fraction", "bytes"),
} as const satisfies Record<keyof OpenOptions, Check>;

/** What the options are called elsewhere. */
const OTHER_NAMES = {
  database: "store",
  db: "store",
  handlers: "methods",
  logger: "log",
  url: "store",
  workers: "worker",
};

/**
 * Checks the options of `openOperations` as they stand, before anything is opened.
 *
 * @throws {TypeError} naming the option, what it may be and what it was
 */
export function checkOpenOptions(options: OpenOptions): void {
  checkEach(
    "openOperations",
    options,
    OPTIONS,
    '{ methods: [createArchive], store: "sqlite:operations.db" }',
  );
  for (const name of ["methods", "store"] as const) OPTIONS[name](name, options[name]);
}

function checkEach(
  what: string,
  options: unknown,
  checks: Readonly<Record<string, Check>>,
  example: string,
): void {
  checkOptionNames(what, options, Object.keys(checks), { example, otherNames: OTHER_NAMES });
  for (const [name, value] of Object.entries(options as object)) {
    if (value !== undefined) checks[name]?.(what === "openOperations" ? name : `${what}.${name}`, value);
  }
}

function methodList(what: string, value: unknown): void {
  if (!Array.isArray(value))
    throw new TypeError(
      `${what}: expected a list of methods such as [createArchive], got ${shownOption(value)}`,
    );
  for (const [index, each] of value.entries()) {
    if (isDeclaredMethod(each)) continue;
    const why = isUnboundMethod(each)
      ? `the handler of ${each.rpcName}, which has no descriptor yet; call its bind(readDescriptors(bytes))`
      : shownOption(each);
    throw new TypeError(`${what}[${index}]: expected what defineMethod() gives, got ${why}`);
  }
}

function truth(what: string, value: unknown): void {
  if (typeof value !== "boolean")
    throw new TypeError(`${what}: expected true or false, got ${shownOption(value)}`);
}

function whole(min: number, max: number): Check {
  return (what, value) => {
    if (Number.isInteger(value) && Number(value) >= min && Number(value) <= max) return;
    throw new TypeError(`${what}: expected a whole number from ${min} to ${max}, got ${shownOption(value)}`);
  };
}

function duration(min: Duration, max: Duration): Check {
  const [minMs = 0, maxMs = 0] = [parseDurationMs(min), parseDurationMs(max)];
  return (what, value) => {
    const ms = durationMs(what, value as string);
    if (ms >= minMs && ms <= maxMs) return;
    throw new TypeError(`${what}: expected ${min} to ${max}, got ${shownOption(value)}`);
  };
}

function text(example: string): Check {
  return (what, value) => {
    if (typeof value === "string" && value !== "") return;
    throw new TypeError(`${what}: expected a text such as ${example}, got ${shownOption(value)}`);
  };
}

function textList(what: string, value: unknown): void {
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return;
  throw new TypeError(
    `${what}: expected a list of origins such as ["https://app.example.com"], got ${shownOption(value)}`,
  );
}

function functions(...names: readonly string[]): Check {
  return (what, value) => {
    if (typeof value !== "object" || value === null)
      throw new TypeError(`${what}: expected an object with ${names.join(", ")}, got ${shownOption(value)}`);
    for (const name of names)
      checkFunction(`${what}.${name}`, (value as Readonly<Record<string, unknown>>)[name], "(…) => { … }");
  };
}

/** The methods that operations are of. @throws {TypeError} when two have one name */
export function methodsByName(methods: readonly Method[]): ReadonlyMap<string, Method> {
  const named = new Map<string, Method>();
  for (const method of methods) {
    if (named.has(method.name))
      throw new TypeError(`Method "${method.name}" is declared twice; give one another name`);
    named.set(method.name, method);
  }
  return named;
}
