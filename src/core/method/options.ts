import type { MethodKind, MethodOptions, TimeToLiveOptions } from "./method.ts";
import { durationMs } from "../value/duration.ts";
import { LIMITS } from "../limits.ts";
import { SERVICE_METADATA_FIELDS } from "./metadata.ts";
import { checkFunction, checkOptionNames, type OtherNames, shownOption } from "../value/options.ts";
import { checkGivesObject, checkSchema, membersOf } from "./schema-check.ts";
import type { Schema } from "./schema.ts";

const OPTIONS = {
  name: true,
  description: true,
  request: true,
  response: true,
  metadata: true,
  retry: true,
  deadline: true,
  timeToLive: true,
  concurrency: true,
  parallel: true,
  target: true,
  run: true,
} as const satisfies Record<keyof MethodOptions, true>;

const TIMES_TO_LIVE = { default: true, min: true, max: true } as const satisfies Record<
  keyof TimeToLiveOptions,
  true
>;

/** Names of these options in other libraries, for suggestions. */
export const OTHER_NAMES: OtherNames = {
  execute: "run",
  handle: "run",
  handler: "run",
  input: "request",
  output: "response",
  progress: "metadata",
  retries: "retry",
  schema: "request",
  timeout: "deadline",
  ttl: "timeToLive",
};

/**
 * Checks the options of a method without defaults.
 *
 * @throws {TypeError} with the invalid option, its allowed values and its value
 */
export function checkMethodOptions(options: MethodOptions, kind: Pick<MethodKind, "rpc">): void {
  checkOptionNames("defineMethod", options, Object.keys(OPTIONS), {
    example: "{ name, request, run }",
    otherNames: OTHER_NAMES,
  });
  const { name, description, request, response, metadata, target, run } = options;
  checkName(name);
  if (description !== undefined && typeof description !== "string")
    throw new TypeError(`${name}: description: expected a text, got ${shownOption(description)}`);
  checkFunction(`${name}: run`, run, "(request, context) => { … }");
  if (target !== undefined) checkFunction(`${name}: target`, target, "(request) => request.name");
  checkSchema(`${name}: request`, request);
  checkConcurrency(name, options.concurrency);
  // The schemas of an RPC come from its messages.
  if (kind.rpc !== undefined) return;
  checkGivesObject(`${name}: request`, request);
  if (response !== undefined) checkObjectSchema(`${name}: response`, response);
  if (metadata !== undefined) checkMetadata(`${name}: metadata`, metadata);
}

/** The deadline in milliseconds; null for none. @throws {TypeError} with the option */
export function deadlineMs(name: string, deadline: MethodOptions["deadline"]): number | null {
  if (deadline === undefined) return null;
  const ms = durationMs(`${name}: deadline`, deadline);
  if (ms > 0 && ms <= LIMITS.timeToLiveMsMax) return ms;
  throw new TypeError(
    `${name}: deadline: expected more than 0s, and ${LIMITS.timeToLiveMsMax / 86_400_000}d at most, got ${shownOption(deadline)}`,
  );
}

/** Validates the time to live and adds the defaults. @throws {TypeError} with the invalid option */
export function timeToLive(
  name: string,
  options: TimeToLiveOptions = {},
): { readonly defaultMs: number; readonly minMs: number; readonly maxMs: number } {
  const what = `${name}: timeToLive`;
  checkOptionNames(what, options, Object.keys(TIMES_TO_LIVE), { example: '{ default: "7d" }' });
  const ms = (key: keyof TimeToLiveOptions, fallback: number): number => {
    const written = options[key];
    return written === undefined ? fallback : durationMs(`${what}.${key}`, written);
  };
  const defaultMs = ms("default", LIMITS.timeToLiveMsDefault);
  const minMs = ms("min", Math.min(LIMITS.timeToLiveMsMin, defaultMs));
  const maxMs = ms("max", defaultMs);
  if (!(minMs <= defaultMs && defaultMs <= maxMs))
    throw new TypeError(`${what}: min, default and max must be in this order`);
  if (maxMs > LIMITS.timeToLiveMsMax)
    throw new TypeError(`${what}.max: expected ${LIMITS.timeToLiveMsMax / 86_400_000}d at most`);
  return { defaultMs, minMs, maxMs };
}

/** Checks the name of a method. @throws {TypeError} with the allowed names */
export function checkName(name: unknown): void {
  if (
    typeof name !== "string" ||
    !/^[a-z][a-zA-Z0-9]*$/.test(name) ||
    name.length > LIMITS.methodNameLengthMax
  ) {
    throw new TypeError(
      `Method name: expected lowerCamelCase of ${LIMITS.methodNameLengthMax} characters at most, got ${shownOption(name)}`,
    );
  }
  if (RESERVED_NAMES.has(name))
    throw new TypeError(`Method name: "${name}" belongs to the Operations service`);
}

/** Verbs that already follow a colon on operations, and resources of the discovery document. */
const RESERVED_NAMES: ReadonlySet<string> = new Set([
  "cancel",
  "wait",
  "batch",
  "operations",
  "parents",
  "startOperations",
]);

/** Whether the name is not allowed for methods. */
export function isReservedName(name: string): boolean {
  return RESERVED_NAMES.has(name);
}

function checkConcurrency(name: string, concurrency: unknown): void {
  if (concurrency === undefined || (Number.isSafeInteger(concurrency) && Number(concurrency) >= 1)) return;
  throw new TypeError(
    `${name}: concurrency: expected a whole number, 1 or greater, got ${shownOption(concurrency)}`,
  );
}

function checkObjectSchema(what: string, schema: Schema): void {
  checkSchema(what, schema);
  checkGivesObject(what, schema);
}

function checkMetadata(what: string, schema: Schema): void {
  checkObjectSchema(what, schema);
  const filled: readonly string[] = SERVICE_METADATA_FIELDS;
  const taken = membersOf(schema).find((each) => filled.includes(each));
  if (taken === undefined) return;
  throw new TypeError(
    `${what}: "${taken}" is filled by the service; use another name (it fills ${filled.join(", ")})`,
  );
}
