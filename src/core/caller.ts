import type { StatusError } from "./error/error.ts";
import { LIMITS } from "./limits.ts";

/** The part of a caller that is stored with the operations that it starts. */
export interface CallerIdentity {
  /** The identity of the caller, such as `user:ada@example.com`. */
  readonly principal: string;
  /** The tenant for which the principal works, such as `projects/p`; null without tenants. */
  readonly tenant: string | null;
}

/** The caller of a use case. The server creates one for each request; every use case needs one. */
export interface Caller extends CallerIdentity {
  /** Groups of the principal, such as `group:operators@example.com`. */
  readonly groups: readonly string[];
  /** The project whose quota the call counts against, as the caller sent it (`x-goog-user-project`). */
  readonly quotaProject: string | undefined;
  /** The principal's own user for whom the call is, as the caller sent it (`quotaUser`). */
  readonly quotaUser?: string | undefined;
  /** The trace that the call belongs to, as the caller sent it. @see W3C Trace Context, `traceparent` */
  readonly traceparent: string | undefined;
  /** The credential of the caller. Undefined if it cannot expire or be revoked. */
  readonly credential?: Credential | undefined;
  /** The origin of the call. Undefined without audit and quotas, and for calls in this process. */
  readonly sender?: CallerSender | undefined;
}

/** The credential of a caller, such as a token. It may expire or be revoked during a call. */
export interface Credential {
  /**
   * The error if the credential is no longer valid; undefined while it is valid.
   *
   * @param now milliseconds since the epoch, on the clock of this process
   */
  refusal(now: number): StatusError | undefined;
}

/** The origin of a call, from the connection and the caller's headers. */
export interface CallerSender {
  /** The address of the other end of the connection. */
  readonly ip: string | undefined;
  /** The caller's program, as the caller sent it. */
  readonly userAgent: string | undefined;
}

/**
 * Encodes the caller who started an operation for the record. It is text, because few readers of a
 * record need it.
 *
 * @param callbackUrl the validated callback URL. It is part of this text because few operations
 * have one, and a separate column would be part of every statement
 *
 * This is the only check of the lengths. Callers do not choose their identity, so an identity that
 * is too long is a bug of the authentication, and callers see INTERNAL. A tenant that is a parent
 * always fits, because names have the same limits.
 *
 * @throws {TypeError} for a principal or a tenant of more than `LIMITS.callerLengthMax` characters, or a tenant of more than
 *   `LIMITS.nameBytesMax` bytes
 */
export function callerText({ principal, tenant }: CallerIdentity, callbackUrl?: string): string {
  if (principal === ANONYMOUS.principal && tenant === null && callbackUrl === undefined)
    return ANONYMOUS_TEXT;
  checkLength("principal", principal);
  if (tenant !== null) {
    checkLength("tenant", tenant);
    checkBytes(tenant);
  }
  return JSON.stringify({ principal, tenant, callbackUrl });
}

/**
 * Short, because most records of a service without authentication contain it. Earlier versions
 * wrote both members.
 */
const ANONYMOUS_TEXT = "null";

function checkLength(name: string, text: string): void {
  const { callerLengthMax } = LIMITS;
  // As in names, a character may have two code units.
  if (text.length > callerLengthMax && [...text].length > callerLengthMax)
    throw tooLong(name, `${[...text].length} characters`, callerLengthMax);
}

/** PostgreSQL has an index on the tenant. */
function checkBytes(tenant: string): void {
  const { nameBytesMax } = LIMITS;
  if (tenant.length * BYTES_PER_UNIT <= nameBytesMax) return;
  const { length } = new TextEncoder().encode(tenant);
  if (length > nameBytesMax) throw tooLong("tenant", `${length} bytes in UTF-8`, nameBytesMax);
}

/** The most UTF-8 bytes of a UTF-16 code unit. */
const BYTES_PER_UNIT = 3;

function tooLong(name: string, length: string, most: number): TypeError {
  return new TypeError(
    `The ${name} of a caller has ${length}; what authenticates callers may give ${most} at most`,
  );
}

/**
 * The caller in a record; null for an operation started by a version that did not store callers.
 */
export function callerOf(text: string | null): CallerIdentity | null {
  if (text === null) return null;
  if (text === ANONYMOUS_TEXT) return { principal: ANONYMOUS.principal, tenant: null };
  // Only `callerText` writes this text.
  const { principal, tenant } = JSON.parse(text) as CallerIdentity;
  return { principal, tenant };
}

/** The callback URL in a record; undefined for none. */
export function callbackUrlOf(text: string | null): string | undefined {
  // JSON escapes quotes inside strings, so this text can only be a member name.
  if (text?.includes('"callbackUrl":') !== true) return undefined;
  return (JSON.parse(text) as { readonly callbackUrl?: string }).callbackUrl;
}

const NOBODY = { tenant: null, groups: [], quotaProject: undefined, traceparent: undefined } as const;

/** An unauthenticated caller over the network. */
export const ANONYMOUS: Caller = { ...NOBODY, principal: "anonymous" };

/** The program that this process runs. */
export const IN_PROCESS: Caller = { ...NOBODY, principal: "in-process" };
