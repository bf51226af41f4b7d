import { readOptions } from "../config/options.ts";
import type { SettingsFor } from "../config/parse.ts";
import { WORKER_KEYS } from "../config/setting-keys.ts";
import { formatDuration, type Duration } from "../core/value/duration.ts";
import { LIMITS } from "../core/limits.ts";
import { isMethod, type Method } from "../core/method/method.ts";
import { checkFunction, checkOptionNames, shownOption } from "../core/value/options.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import type { HeaderSource } from "../client/transport.ts";

/** The options of `openWorker`. */
export interface OpenWorkerOptions {
  /**
   * The address of the server: `https://…` for REST, `grpcs://…` for gRPC; without `s`, without
   * TLS.
   */
  readonly server: string;
  /** The methods to run, which the server must declare too: 1 to 100. */
  readonly methods: readonly Method[];
  /** The credentials of the worker. @default none */
  readonly credentials?: WorkerCredentials;
  /** Sent with every call, over gRPC as metadata, for example for proxies. @default none */
  readonly headers?: HeaderSource;
  /** The collection to work in, with all collections below it, such as `projects/p`. @default every collection */
  readonly parent?: string;
  /** The most concurrent handlers, over all methods: 1 to 1000. @default 64 */
  readonly concurrency?: number;
  /**
   * How long the server waits for a silent worker before another may claim its operations: `"5s"`
   * to `"10m"`. @default "30s"
   */
  readonly lease?: Duration;
  /** The time for running handlers to finish on {@link OpenedWorker.stop}. @default "10s" */
  readonly drain?: Duration;
  /**
   * The `domain` of errors to which the handler gave no ErrorInfo: the service's name. @default
   * "longrunning"
   */
  readonly name?: string;
  /**
   * With a registered OpenTelemetry provider: whether the span of an attempt is linked to that of
   * its start, in a separate trace, or is its child (`parent`), which suits short work. @default
   * "link"
   */
  readonly attemptSpans?: "link" | "parent";
  readonly log?: Log;
  readonly clock?: Clock;
  readonly random?: Random;
}

/**
 * The credentials of a worker: a token, an API key, or both; the key then determines the quota
 * project.
 */
export interface WorkerCredentials {
  /** Sent as a bearer token; a function is called before each call, for tokens that expire. */
  readonly token?: string | (() => string | Promise<string>);
  /** Sent as `x-goog-api-key`. */
  readonly apiKey?: string;
}

const OWN = {
  server: checkText,
  methods: checkMethods,
  credentials: checkCredentials,
  headers: checkHeaders,
  log: checkMembers("debug", "info", "warn", "error"),
  clock: checkMembers("now", "monotonic", "after", "soon"),
  random: checkMembers("fraction", "bytes"),
} as const satisfies Record<
  Exclude<keyof OpenWorkerOptions, (typeof WORKER_KEYS)[number]>,
  (what: string, value: unknown) => void
>;

/** The required options. */
const REQUIRED: ReadonlySet<string> = new Set(["server", "methods"]);

const OTHER_NAMES = {
  url: "server",
  address: "server",
  handlers: "methods",
  logger: "log",
  store: "server",
  token: "credentials",
};

/**
 * Validates the options of `openWorker`, before anything is opened.
 *
 * @returns the settings among them, with defaults for missing ones
 * @throws {TypeError} with each invalid option, its allowed values and its value
 */
export function readWorkerOptions(options: OpenWorkerOptions): SettingsFor<(typeof WORKER_KEYS)[number]> {
  const names = [...Object.keys(OWN), ...WORKER_KEYS];
  const example = '{ server: "https://lro.example.com", methods: [createArchive] }';
  const violations: string[] = [];
  const collect = (check: () => void): void => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      violations.push(error.message);
    }
  };
  collect(() => checkOptionNames("openWorker", options, names, { example, otherNames: OTHER_NAMES }));
  if (typeof options !== "object" || options === null) throw new TypeError(violations.join("\n"));
  for (const [name, check] of Object.entries(OWN)) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined || REQUIRED.has(name)) collect(() => check(name, value));
  }
  const settings = readOptions(WORKER_KEYS, { ...options }, violations);
  if (violations.length === 0) violations.push(...violationsOfWorker(settings));
  if (violations.length > 0) throw new TypeError(violations.join("\n"));
  return settings;
}

/** Values that the server would reject, although they are valid for a process on the store. */
function violationsOfWorker({
  concurrency,
  leaseMs,
}: SettingsFor<(typeof WORKER_KEYS)[number]>): readonly string[] {
  const { remoteEntriesMax, remoteLeaseMsMin, remoteLeaseMsMax } = LIMITS;
  const violations: string[] = [];
  if (concurrency < 1 || concurrency > remoteEntriesMax)
    violations.push(
      `concurrency: expected a whole number from 1 to ${remoteEntriesMax} for a worker of a server, got ${concurrency}`,
    );
  if (leaseMs < remoteLeaseMsMin || leaseMs > remoteLeaseMsMax)
    violations.push(
      `lease: expected a duration from "${formatDuration(remoteLeaseMsMin)}" to "${formatDuration(remoteLeaseMsMax)}" ` +
        `for a worker of a server, got "${formatDuration(leaseMs)}"`,
    );
  return violations;
}

function checkText(what: string, value: unknown): void {
  if (typeof value !== "string" || value === "")
    throw new TypeError(
      `${what}: expected an address such as "https://lro.example.com", got ${shownOption(value)}`,
    );
}

function checkMethods(what: string, value: unknown): void {
  const { remoteMethodsMax } = LIMITS;
  if (!Array.isArray(value) || value.length === 0 || value.length > remoteMethodsMax)
    throw new TypeError(
      `${what}: expected a list of 1 to ${remoteMethodsMax} methods such as [createArchive], got ${shownOption(value)}`,
    );
  for (const [index, each] of value.entries()) {
    if (isMethod(each) && !each.isRemote) continue;
    if (isMethod(each))
      throw new TypeError(
        `${what}[${index}]: "${each.name}" is declared with remote(), as its server does; give it the handler here`,
      );
    throw new TypeError(
      `${what}[${index}]: expected what defineMethod() gives of a method that runs, got ${shownOption(each)}`,
    );
  }
}

function checkCredentials(what: string, value: unknown): void {
  checkOptionNames(what, value, ["token", "apiKey"], { example: '{ token: "…" }' });
  const { token, apiKey } = value as Readonly<Record<string, unknown>>;
  if (token !== undefined && typeof token !== "function") checkSecret(`${what}.token`, token);
  if (apiKey !== undefined) checkSecret(`${what}.apiKey`, apiKey);
}

/** Checks a value for a header. The message does not show the value. */
function checkSecret(what: string, value: unknown): void {
  if (typeof value === "string" && /^[\x21-\x7e]+$/.test(value)) return;
  throw new TypeError(`${what}: expected characters of ASCII without spaces, got something else`);
}

function checkHeaders(what: string, value: unknown): void {
  if (typeof value === "function") return;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new TypeError(
      `${what}: expected an object such as { "x-team": "a" } or a function, got ${shownOption(value)}`,
    );
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string")
      throw new TypeError(`${what}.${name}: expected a text, got ${shownOption(text)}`);
  }
}

function checkMembers(...names: readonly string[]): (what: string, value: unknown) => void {
  return (what, value) => {
    if (typeof value !== "object" || value === null)
      throw new TypeError(`${what}: expected an object with ${names.join(", ")}, got ${shownOption(value)}`);
    for (const name of names) checkFunction(`${what}.${name}`, Reflect.get(value, name), "(…) => { … }");
  };
}
