import { validateHeaderName, validateHeaderValue } from "node:http";
import { LIMITS } from "../core/limits.ts";
import { durationMs } from "../core/value/duration.ts";
import { checkOptionNames, shownOption } from "../core/value/options.ts";
import { addressOf } from "./address.ts";
import { type AuthSetting, authSetting } from "./auth-setting.ts";
import type { HttpTargetOptions } from "./options.ts";

/** {@link HttpTargetOptions}, validated and with all defaults. */
export interface TargetSetting {
  readonly url: URL;
  readonly cancelUrl: URL | undefined;
  readonly timeoutMs: number;
  readonly auth: AuthSetting;
  readonly headers: Readonly<Record<string, string>>;
}

const WHAT = "httpTarget";

const OPTIONS = {
  url: true,
  timeout: true,
  auth: true,
  headers: true,
  cancelUrl: true,
} as const satisfies Record<keyof HttpTargetOptions, true>;

const OTHER_NAMES = { uri: "url", endpoint: "url", deadline: "timeout", authentication: "auth" };

/** Validates the options and adds the defaults. @throws {TypeError} with the invalid option */
export function targetSetting(options: HttpTargetOptions): TargetSetting {
  checkOptionNames(WHAT, options, Object.keys(OPTIONS), {
    example: '{ url: "https://images.internal/resize" }',
    otherNames: OTHER_NAMES,
  });
  const { url, cancelUrl, timeout, auth, headers } = options;
  return {
    url: addressOf(`${WHAT}: url`, url),
    cancelUrl: cancelUrl === undefined ? undefined : addressOf(`${WHAT}: cancelUrl`, cancelUrl),
    timeoutMs: timeout === undefined ? LIMITS.httpTargetMs : timeoutMs(timeout),
    auth: authSetting(`${WHAT}: auth`, auth),
    headers: headersOf(`${WHAT}: headers`, headers, auth !== undefined),
  };
}

function timeoutMs(timeout: unknown): number {
  const what = `${WHAT}: timeout`;
  const ms = typeof timeout === "string" ? durationMs(what, timeout) : 0;
  if (ms > 0 && ms <= LIMITS.httpTargetMsMax) return ms;
  throw new TypeError(`${what}: expected more than 0s, and 1d at most, got ${shownOption(timeout)}`);
}

/** Headers that the service fills, or that belong to the connection. */
const TAKEN: ReadonlySet<string> = new Set([
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "expect",
  "host",
  "idempotency-key",
  "keep-alive",
  "te",
  "traceparent",
  "tracestate",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const TAKEN_BEGINNING = /^(?:longrunning-|webhook-|proxy-)/;

function headersOf(what: string, headers: unknown, hasAuth: boolean): Readonly<Record<string, string>> {
  if (headers === undefined) return {};
  if (typeof headers !== "object" || headers === null || Array.isArray(headers))
    throw new TypeError(
      `${what}: expected an object such as { "x-team": "media" }, got ${shownOption(headers)}`,
    );
  const entries = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const length = entries.reduce((sum, [name, value]) => sum + name.length + String(value).length, 0);
  if (entries.length > LIMITS.httpTargetHeadersMax || length > LIMITS.httpTargetHeadersLengthMax)
    throw new TypeError(
      `${what}: expected ${LIMITS.httpTargetHeadersMax} headers of ${LIMITS.httpTargetHeadersLengthMax} characters together at most, got ${entries.length} of ${length}`,
    );
  for (const [name, value] of entries) {
    if (TAKEN.has(name) || TAKEN_BEGINNING.test(name))
      throw new TypeError(`${what}: the service fills "${name}" itself; leave it out`);
    if (name === "authorization" && hasAuth)
      throw new TypeError(`${what}: "auth" and "authorization" say who calls; leave one out`);
    checkHeader(what, name, value);
  }
  return Object.fromEntries(entries);
}

/** The value may be a secret, so messages do not contain it. */
function checkHeader(what: string, name: string, value: unknown): void {
  try {
    validateHeaderName(name);
    if (typeof value !== "string") throw new TypeError();
    validateHeaderValue(name, value);
  } catch {
    throw new TypeError(
      `${what}: ${shownOption(name)}: expected a name and a text that HTTP can carry, got another`,
    );
  }
}
