import type { StatusError } from "./error/error.ts";
import { LIMITS } from "./limits.ts";

/** The part of a caller that is stored with the operations that it starts. */
export interface CallerIdentity {
  /** Who calls, such as `user:ada@example.com`. */
  readonly principal: string;
  /** Whom the principal works for, such as `projects/p`; null where there are no tenants. */
  readonly tenant: string | null;
}

/** Who calls a use case. Edges make one of each request; nothing reaches a use case without one. */
export interface Caller extends CallerIdentity {
  /** Groups of the principal, such as `group:operators@example.com`. */
  readonly groups: readonly string[];
  /** The project whose quota the call counts against, as the caller sent it (`x-goog-user-project`). */
  readonly quotaProject: string | undefined;
  /** Which of the principal's users the call is for, as the caller says (`quotaUser`). */
  readonly quotaUser?: string | undefined;
  /** The trace that the call belongs to, as the caller sent it. @see W3C Trace Context, `traceparent` */
  readonly traceparent: string | undefined;
  /** What the caller was let in by. Undefined where that cannot end. */
  readonly credential?: Credential | undefined;
  /** Where the call came from. Undefined where nobody keeps records of calls or limits them, and in this process. */
  readonly sender?: CallerSender | undefined;
}

/** What a caller was let in by, such as a token, which may expire or be revoked while a call goes on. */
export interface Credential {
  /**
   * Why the caller would not be let in any more; undefined while it would.
   *
   * @param now milliseconds since the epoch, on the clock of this process
   */
  refusal(now: number): StatusError | undefined;
}

/** Where a call came from, as far as the connection and the caller tell. */
export interface CallerSender {
  /** The address of the other end of the connection. */
  readonly ip: string | undefined;
  /** The caller's program, as it says itself. */
  readonly userAgent: string | undefined;
}

/**
 * Who started an operation, as the record holds it. Text, because few of those who read a record look at it.
 *
 * @param callbackUrl where the caller wants to be told of the end; it has been checked. It stands here because few operations
 *   have one: a column of its own would be a part of every statement
 *
 * Checked here alone, as nothing else of a caller is kept. Callers do not choose how they are named: an identity that is
 * too long is a bug of what authenticates them, and they see INTERNAL. A tenant that is a parent fits, as names have the same bounds.
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

/** Short, as most records of a service without authentication hold it. Earlier versions wrote both members. */
const ANONYMOUS_TEXT = "null";

function checkLength(name: string, text: string): void {
  const { callerLengthMax } = LIMITS;
  // As in names, a character may have two code units.
  if (text.length > callerLengthMax && [...text].length > callerLengthMax)
    throw tooLong(name, `${[...text].length} characters`, callerLengthMax);
}

/** An index of PostgreSQL has the tenant. */
function checkBytes(tenant: string): void {
  const { nameBytesMax } = LIMITS;
  if (tenant.length * BYTES_PER_UNIT <= nameBytesMax) return;
  const { length } = new TextEncoder().encode(tenant);
  if (length > nameBytesMax) throw tooLong("tenant", `${length} bytes in UTF-8`, nameBytesMax);
}

/** No code unit takes more bytes of UTF-8. */
const BYTES_PER_UNIT = 3;

function tooLong(name: string, length: string, most: number): TypeError {
  return new TypeError(
    `The ${name} of a caller has ${length}; what authenticates callers may give ${most} at most`,
  );
}

/** The caller in a record; null where it is not known, since the operation was started before callers were kept. */
export function callerOf(text: string | null): CallerIdentity | null {
  if (text === null) return null;
  if (text === ANONYMOUS_TEXT) return { principal: ANONYMOUS.principal, tenant: null };
  // Written by `callerText` and by nobody else.
  const { principal, tenant } = JSON.parse(text) as CallerIdentity;
  return { principal, tenant };
}

/** Where the caller in a record wants to be told of the operation's end; undefined for nowhere. */
export function callbackUrlOf(text: string | null): string | undefined {
  // In a JSON text, no value of a text holds a bare quote.
  if (text?.includes('"callbackUrl":') !== true) return undefined;
  return (JSON.parse(text) as { readonly callbackUrl?: string }).callbackUrl;
}

const NOBODY = { tenant: null, groups: [], quotaProject: undefined, traceparent: undefined } as const;

/** A caller over the network that nobody has authenticated. */
export const ANONYMOUS: Caller = { ...NOBODY, principal: "anonymous" };

/** The program that this process runs. */
export const IN_PROCESS: Caller = { ...NOBODY, principal: "in-process" };
