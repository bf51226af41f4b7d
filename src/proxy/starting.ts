import { createHash } from "node:crypto";
import type { Caller } from "../core/caller.ts";
import { serviceError, StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { WaitingConnection } from "../core/ports/abort.ts";
import type { Operations } from "../engine/operations.ts";
import { endToEnd, isCredential, pairsOf, type RawHeaders } from "./headers.ts";
import type { Credentials } from "./credentials.ts";
import { type Header, HTTP_REQUEST, type KeptRequest, keptRequestOf } from "./record.ts";

/** A request that should become an operation. */
export interface AskedRequest {
  /** The collection of its operation; empty for none. */
  readonly parent: string;
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** The headers for the upstream, including credentials, which never become part of the record. */
  readonly headers: RawHeaders;
  readonly body: Uint8Array;
  /** The header `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
}

/**
 * Stores a request as an operation.
 *
 * @param credentials stores the credentials of the request until the operation ends. @default they
 * are dropped The record is committed when this resolves.
 *
 * @throws {StatusError} INVALID_ARGUMENT IDEMPOTENCY_KEY_REUSED, REQUEST_ID_INVALID,
 * REQUEST_INVALID; and as `Operations.start` does
 */
export async function startRequest(
  operations: Operations,
  caller: Caller,
  { parent, method, target, headers, body, idempotencyKey }: AskedRequest,
  credentials?: Credentials,
): Promise<Operation> {
  const [kept, secret] = keptHeaders(headers);
  const request: KeptRequest = {
    method,
    target,
    headers: kept,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("base64"),
  };
  const requestId = idempotencyKey === undefined ? undefined : requestIdOf(caller, request, idempotencyKey);
  let named: string | undefined;
  const beside = async (name: string): Promise<void> => credentials?.keep((named = name), secret);
  const forget = async (): Promise<void> => (named === undefined ? undefined : credentials?.forget(named));
  const setting = credentials === undefined || secret.length === 0 ? {} : { beside };
  try {
    const start = { method: HTTP_REQUEST, parent, request, requestId };
    const started = await operations.start(caller, start, setting);
    if (named !== formatName(started)) await forget();
    return started;
  } catch (error) {
    const name =
      error instanceof StatusError && error.reason === "REQUEST_ID_REUSED"
        ? error.metadata["operation"]
        : undefined;
    if (name === undefined) throw error;
    await forget();
    return sameRequest(await operations.get(caller, name), request);
  }
}

/**
 * The headers of a repeated request may differ, because they contain the time, the trace and
 * connection details.
 */
function sameRequest(existing: Operation, asked: KeptRequest): Operation {
  const { method, target, body } = keptRequestOf(existing);
  if (method === asked.method && target === asked.target && body === asked.body) return existing;
  throw serviceError(
    "IDEMPOTENCY_KEY_REUSED",
    "The Idempotency-Key was used with another body or query; give a new one for a new request.",
    { metadata: { operation: formatName(existing) } },
  );
}

/**
 * A key belongs to one caller, for one method and path. @see
 * draft-ietf-httpapi-idempotency-key-header
 */
function requestIdOf({ principal, tenant }: Caller, { method, target }: KeptRequest, key: string): string {
  if (key === "" || key.length > LIMITS.requestIdLengthMax)
    throw serviceError(
      "REQUEST_ID_INVALID",
      `Invalid Idempotency-Key: expected 1 to ${LIMITS.requestIdLengthMax} characters, got ${key.length}.`,
    );
  const [path] = target.split("?", 1);
  const scope = JSON.stringify([principal, tenant, method, path, key]);
  return createHash("sha256").update(scope).digest("base64url");
}

/** Headers about the call that starts the operation, and not about its request. */
const OF_CALL: ReadonlySet<string> = new Set(["content-length", "expect", "prefer"]);

/** The headers for the record, and the credentials. */
function keptHeaders(headers: RawHeaders): readonly [kept: readonly Header[], secret: readonly Header[]] {
  const raw = { rawHeaders: [...headers], headers: {} };
  const all = [...pairsOf(endToEnd(raw, OF_CALL))];
  return [all.filter(([name]) => !isCredential(name)), all.filter(([name]) => isCredential(name))];
}

/**
 * Waits for the end of an operation, as Wait does. The operation has already been started, and its
 * caller must learn its address, so an error of the wait is ignored.
 *
 * @returns the operation after the wait
 * @throws {StatusError} CANCELLED CALLER_GONE
 */
export async function waitedFor(
  operations: Operations,
  caller: Caller,
  started: Operation,
  how: { readonly waitMs: number; readonly waiting: WaitingConnection },
): Promise<Operation> {
  if (how.waitMs === 0) return started;
  try {
    return await operations.wait(caller, formatName(started), {
      timeoutMs: how.waitMs,
      waiting: how.waiting,
    });
  } catch (error) {
    if (error instanceof StatusError && error.reason !== "CALLER_GONE") return started;
    throw error;
  }
}
