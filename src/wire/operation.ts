import { formatDuration } from "../core/duration.ts";
import { invariant } from "../core/invariant.ts";
import type { ServiceMetadataField } from "../core/metadata.ts";
import { formatName } from "../core/name.ts";
import { isDone, type Operation } from "../core/operation.ts";
import { EMPTY, encodeJson, type Payload, STRUCT } from "../core/payload.ts";
import { anyJson } from "./any.ts";
import { statusJson } from "./status.ts";

/** What the service tells about itself in an operation's metadata. */
export interface OperationView {
  /** Such as `v1`. */
  readonly apiVersion: string;
  /** How long we recommend to wait between polls of an operation that is not done. */
  readonly pollIntervalMs: (operation: Operation) => number;
}

/**
 * An operation as the JSON of a `google.longrunning.Operation`: exactly `name`, `metadata`, `done`, and `error` or
 * `response`, in this order and nothing else, since Python's typed REST client refuses any other key. `done` is written
 * only when true, `name` only when the operation is kept. Payloads are joined in as they are, never parsed.
 *
 * @see contract sections 1.2, 6.2
 */
export function operationJson(operation: Operation, view: OperationView): string {
  const name = operation.id === "" ? "" : `"name":${encodeJson(formatName(operation))},`;
  return `{${name}"metadata":${anyJson(metadataPayload(operation, view))}${outcomeJson(operation)}}`;
}

/**
 * A page of a list as the JSON of a `google.longrunning.ListOperationsResponse`. What is empty is left out, as Google does.
 *
 * @see contract sections 1.2, 3.1
 */
export function listJson(
  operations: readonly Operation[],
  nextPageToken: string,
  view: OperationView,
): string {
  const members: string[] = [];
  if (operations.length > 0) {
    members.push(`"operations":[${operations.map((each) => operationJson(each, view)).join(",")}]`);
  }
  if (nextPageToken !== "") members.push(`"nextPageToken":${encodeJson(nextPageToken)}`);
  return `{${members.join(",")}}`;
}

function outcomeJson(operation: Operation): string {
  if (!isDone(operation)) return "";
  if (operation.error !== null) return `,"done":true,"error":${statusJson(operation.error)}`;
  // Most clients hang or crash on a finished operation that has neither (contract section 6.13).
  invariant(operation.response !== null, "a finished operation has an error or a response");
  return `,"done":true,"response":${anyJson(operation.response)}`;
}

/**
 * What we know of the operation and what its handler reported, as one Struct: our fields first, the handler's after them.
 * A report of any other type, which a proto-first method may make, is sent as it is.
 */
export function metadataPayload(operation: Operation, view: OperationView): Payload {
  const { metadata } = operation;
  if (metadata !== null && metadata.type !== STRUCT && metadata.type !== EMPTY.type) return metadata;
  const own = serviceFields(operation, view);
  const json = metadata === null || metadata.json === "{}" ? `{${own}}` : `{${own},${metadata.json.slice(1)}`;
  return { type: STRUCT, json };
}

/** In the order of `SERVICE_METADATA_FIELDS`. Joined by hand, since each poll pays for it. */
function serviceFields(operation: Operation, view: OperationView): string {
  const { target, createTime, startTime, endTime, expireTime, state, attempt, cancelTime } = operation;
  const poll = isDone(operation) ? "" : `,"pollInterval":"${formatDuration(view.pollIntervalMs(operation))}"`;
  return (
    `"verb":${encodeJson(operation.method)}` +
    (target === "" ? "" : `,"target":${encodeJson(target)}`) +
    timeField("createTime", createTime) +
    timeField("startTime", startTime) +
    timeField("endTime", endTime) +
    timeField("expireTime", expireTime) +
    `,"state":"${state}","attempt":${attempt},"requestedCancellation":${cancelTime !== null}` +
    `,"apiVersion":${encodeJson(view.apiVersion)}${poll}`
  );
}

/** A field with a proto-JSON timestamp: RFC 3339 with milliseconds and `Z`, so that texts sort as times do. */
function timeField(field: ServiceMetadataField, milliseconds: number | null): string {
  return milliseconds === null ? "" : `,"${field}":"${new Date(milliseconds).toISOString()}"`;
}
