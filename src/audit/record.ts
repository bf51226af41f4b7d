import type { CallerSender } from "../core/caller.ts";
import { CODES } from "../core/error/code.ts";
import { REASONS, StatusError } from "../core/error/error.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import { LIMITS } from "../core/limits.ts";
import type { Sender } from "../core/ports/authenticate.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import type { CallEnd } from "../core/ports/audit.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { CALL_KINDS } from "./call-kind.ts";

/** The parts of a record that do not come from the call. */
export interface RecordFacts {
  /** The name of the service. */
  readonly service: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Unique for each record, so that readers can recognize duplicates. */
  readonly insertId: string;
}

/**
 * The record of a call: `google.cloud.audit.AuditLog` as JSON, with the `time` and the `insertId`
 * of a log entry. It contains no payload and no error message, because a message may quote a
 * payload.
 *
 * @see google/cloud/audit/audit_log.proto; contract 2, section 6.5
 */
export function auditRecord(call: Call, end: CallEnd, { service, time, insertId }: RecordFacts): object {
  const { caller, permission, method } = call;
  const resource = call.resource.slice(0, LIMITS.auditedNameLengthMax);
  const { type } = CALL_KINDS[permission];
  const granted = !isDenied(end.error);
  return {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    time: formatTimestamp(Math.floor(time)),
    insertId,
    serviceName: service,
    methodName: methodNameOf(call),
    resourceName: resource,
    ...numResponseItemsOf(call, end),
    status: statusOf(end.error, service),
    authenticationInfo: { ...emailOf(caller.principal), principalSubject: caller.principal },
    authorizationInfo: [{ resource, permission, granted, permissionType: type }],
    requestMetadata: requestMetadataOf(caller.sender),
    ...(method === undefined ? {} : { request: { method } }),
    ...responseOf(call, end),
    ...metadataOf(call),
  };
}

/**
 * The record of a request that was rejected before its sender was known. The query of its address
 * is left out, because it may contain credentials.
 */
export function refusalRecord(
  { rpc, url }: Pick<Sender, "rpc" | "url">,
  { from, error }: { readonly from: CallerSender; readonly error: StatusError },
  { service, time, insertId }: RecordFacts,
): object {
  const path = url?.split("?", 1)[0]?.slice(0, LIMITS.loggedPathLengthMax);
  return {
    "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
    time: formatTimestamp(Math.floor(time)),
    insertId,
    serviceName: service,
    ...(rpc === undefined ? {} : { methodName: rpc.replace("/", ".") }),
    status: statusOf(error, service),
    authenticationInfo: {},
    requestMetadata: {
      ...requestMetadataOf(from),
      ...(path === undefined ? {} : { requestAttributes: { path } }),
    },
  };
}

/** Whether an error means that the caller lacks a permission. */
export function isDenied(error: unknown): boolean {
  return (
    error instanceof StatusError && (error.code === "PERMISSION_DENIED" || error.code === "UNAUTHENTICATED")
  );
}

/** The RPC; for a start or an immediate answer, the name of the method. */
function methodNameOf({ permission, method, rpc }: Call): string {
  const { service, rpc: usual } = CALL_KINDS[permission];
  if (service === undefined) return method ?? "";
  return [service, rpc ?? usual].join(".");
}

function statusOf(error: unknown, domain: string): object {
  if (error === undefined) return {};
  const status = error instanceof StatusError ? error : undefined;
  const reason = status?.reason;
  const known = reason !== undefined && Object.hasOwn(REASONS, reason);
  const [, message] = known ? REASONS[reason as keyof typeof REASONS] : [];
  return {
    code: CODES[status?.code ?? "INTERNAL"],
    ...(message === undefined ? {} : { message }),
    ...(reason === undefined
      ? {}
      : { details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain }] }),
  };
}

function emailOf(principal: string): object {
  const [, principalEmail] = /^(?:user|serviceAccount):([^\s@]+@[^\s@]+)$/.exec(principal) ?? [];
  return principalEmail === undefined ? {} : { principalEmail };
}

function requestMetadataOf(sender: CallerSender | undefined): object {
  const { ip, userAgent } = sender ?? {};
  return {
    ...(ip === undefined ? {} : { callerIp: ip }),
    ...(userAgent === undefined ? {} : { callerSuppliedUserAgent: userAgent }),
  };
}

/** The number of operations on a page. */
function numResponseItemsOf({ permission }: Call, { result }: CallEnd): object {
  if (CALL_KINDS[permission].answers !== "page" || result === undefined) return {};
  return {
    numResponseItems: String((result as { readonly operations: readonly unknown[] }).operations.length),
  };
}

/** The name of the started operation. */
function responseOf({ permission }: Call, { result }: CallEnd): object {
  if (CALL_KINDS[permission].answers !== "operation" || result === undefined) return {};
  return { response: { name: formatName(result as Operation) } };
}

function metadataOf({ caller, inTransaction }: Call): object {
  const { tenant } = caller;
  const metadata = {
    ...(tenant === null ? {} : { tenant }),
    ...(inTransaction === true ? { inTransaction } : {}),
  };
  return Object.keys(metadata).length === 0 ? {} : { metadata };
}
