import { formatDuration } from "../core/value/duration.ts";
import { invariant } from "../core/invariant.ts";
import type { MetadataShape } from "../core/method/codec.ts";
import { SERVICE_METADATA_FIELDS, type ServiceMetadataField } from "../core/method/metadata.ts";
import { formatName } from "../core/operation/name.ts";
import { type Failure, isDone, type Operation, scheduleTimeOf } from "../core/operation/operation.ts";
import { EMPTY, encodeJson, type Payload, STRUCT } from "../core/operation/payload.ts";
import { requireOpen } from "../core/operation/sealed.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import { anyJson, depthInAny } from "./any.ts";
import type { KnowsDetail } from "./details.ts";
import { COMPACT, type JsonLayout, membersAt } from "./layout.ts";
import { callStatusJson, statusJson } from "./status.ts";

/** The parts of an operation's metadata that depend on the service. */
export interface OperationView {
  /** A version such as `v1`. An API with protos has its own. */
  readonly apiVersion: string;
  /** The recommended time between polls of an unfinished operation. */
  readonly pollIntervalMs: (operation: Operation) => number;
  /** The verb of a method. @default the method's name */
  readonly verb?: (method: string) => string | undefined;
  /** The metadata type of a method, if it is not a Struct. @default a Struct */
  readonly metadataShape?: (method: string) => MetadataShape | undefined;
  /**
   * The types of error details that the callers of a method know, by full name. @default the
   * standard ones
   */
  readonly knownDetails?: (method: string) => ((type: string) => boolean) | undefined;
  /** Knows the detail types of the API's own protos, for errors of calls. @default none */
  readonly knowsDetail?: KnowsDetail | undefined;
}

/**
 * An operation as the JSON of a `google.longrunning.Operation`: exactly `name`, `metadata`, `done`,
 * and `error` or `response`, in this order and nothing else, because Python's typed REST client
 * refuses any other key. `done` is written only if true, `name` only if the operation is stored.
 * Payloads are inserted as text, never parsed.
 *
 * @param layout indented or not. @default compact
 * @see contract sections 1.2, 6.2
 */
export function operationJson(
  operation: Operation,
  view: OperationView,
  layout: JsonLayout = COMPACT,
): string {
  requireOpen(operation);
  const { colon } = layout;
  const line = layout.line(1);
  const name = operation.id === "" ? "" : `${line}"name"${colon}${encodeJson(formatName(operation))},`;
  const metadata = anyJson(metadataPayload(operation, view, layout), layout, DEPTH);
  return `{${name}${line}"metadata"${colon}${metadata}${outcomeJson(operation, view, layout)}${layout.line(0)}}`;
}

/** The depth of the members of an operation's metadata, and of its response. */
const DEPTH = 2;

/**
 * The same without payloads: the service's metadata, `done`, and the code and message of an error.
 */
export function summaryJson(operation: Operation, view: OperationView): string {
  const { error } = operation;
  const metadata = metadataPayload({ ...operation, metadata: null }, view);
  const failure = error === null ? "" : `,"error":${statusJson({ ...error, details: [] })}`;
  const done = isDone(operation) ? `,"done":true${failure}` : "";
  return `{"name":${encodeJson(formatName(operation))},"metadata":${anyJson(metadata)}${done}}`;
}

/**
 * A page of a list as the JSON of a `google.longrunning.ListOperationsResponse`. Empty fields are
 * omitted, as Google does.
 *
 * @param unreachable collections that could not be read
 * @see contract sections 1.2, 3.1
 */
export function listJson(
  operations: readonly Operation[],
  nextPageToken: string,
  view: OperationView,
  unreachable: readonly string[] = [],
): string {
  const members: string[] = [];
  if (operations.length > 0) {
    members.push(`"operations":[${operations.map((each) => operationJson(each, view)).join(",")}]`);
  }
  if (nextPageToken !== "") members.push(`"nextPageToken":${encodeJson(nextPageToken)}`);
  if (unreachable.length > 0) members.push(`"unreachable":${encodeJson(unreachable)}`);
  return `{${members.join(",")}}`;
}

/** The result of one of many starts, for callers. */
export type ShownResult =
  | { readonly operation: Operation; readonly error?: undefined }
  | { readonly operation?: undefined; readonly error: Failure };

/** The JSON of a `longrunning.v1.StartOperationsResponse`. */
export function resultsJson(results: readonly ShownResult[], view: OperationView): string {
  const each = results.map(({ operation, error }) =>
    operation === undefined
      ? `{"error":${callStatusJson(error, view.knowsDetail)}}`
      : `{"operation":${operationJson(operation, view)}}`,
  );
  return `{"results":[${each.join(",")}]}`;
}

function outcomeJson(operation: Operation, view: OperationView, layout: JsonLayout): string {
  if (!isDone(operation)) return "";
  const { colon, value } = layout;
  const line = layout.line(1);
  const { error, response } = operation;
  const done = `,${line}"done"${colon}true,${line}`;
  if (error !== null) {
    const status = statusJson(error, view.knownDetails?.(operation.method));
    return `${done}"error"${colon}${value(status, 1)}`;
  }
  // Most clients hang or crash on a finished operation without both (contract section 6.13).
  invariant(response !== null, "a finished operation has an error or a response");
  const { type } = response;
  const shown = { type, json: value(response.json, depthInAny(type, DEPTH) - 1) };
  return `${done}"response"${colon}${anyJson(shown, layout, DEPTH)}`;
}

/**
 * The metadata of an operation: the service's fields, then the handler's report. A Struct has all
 * of the service's fields; the method's own metadata type has only the fields that it declares.
 *
 * @param layout with the depth that the payload has in {@link operationJson}. @default compact
 */
export function metadataPayload(
  operation: Operation,
  view: OperationView,
  layout: JsonLayout = COMPACT,
): Payload {
  const { metadata } = operation;
  const shape = view.metadataShape?.(operation.method);
  const type = shape?.type ?? STRUCT;
  // The method reported it before its declaration changed.
  if (metadata !== null && metadata.type !== type && metadata.type !== EMPTY.type) {
    return { ...metadata, json: layout.value(metadata.json, depthInAny(metadata.type, DEPTH) - 1) };
  }
  const depth = depthInAny(type, DEPTH);
  const written = { line: layout.line(depth), colon: layout.colon };
  const shown = shape?.apiVersion === undefined ? view : { ...view, apiVersion: shape.apiVersion };
  const own = serviceFields(operation, shown, shape?.fields ?? SAME_NAMES, written);
  const reported =
    metadata === null
      ? waitingText(operation, shape === undefined ? "statusMessage" : shape.statusMessage, written)
      : membersAt(metadata.json, depth, layout);
  if (own === "" && reported === "") return { type, json: "{}" };
  const comma = own !== "" && reported !== "" ? "," : "";
  return { type, json: `{${own}${comma}${reported}${layout.line(depth - 1)}}` };
}

/** The texts before the name and before the value of each member. */
type Written = Readonly<Record<"line" | "colon", string>>;

/** The status message of a blocked operation, which has no handler yet. */
function waitingText(
  { blocked, state }: Operation,
  field: string | undefined,
  { line, colon }: Written,
): string {
  if (!blocked || state !== "PENDING" || field === undefined) return "";
  return `${line}"${field}"${colon}"Waits for another operation of this method and key."`;
}

const SAME_NAMES: ReadonlyMap<ServiceMetadataField, string> = new Map(
  SERVICE_METADATA_FIELDS.map((field) => [field, field]),
);

/** In the order of `SERVICE_METADATA_FIELDS`. Joined by hand, because every poll needs it. */
function serviceFields(
  operation: Operation,
  view: OperationView,
  names: ReadonlyMap<ServiceMetadataField, string>,
  { line, colon }: Written,
): string {
  let json = "";
  for (const [field, name] of names) {
    const value = FIELD_VALUES[field](operation, view);
    if (value !== "") json += `${json === "" ? "" : ","}${line}"${name}"${colon}${value}`;
  }
  return json;
}

/** The JSON of each field that the service fills; empty if missing. */
const FIELD_VALUES: Readonly<
  Record<ServiceMetadataField, (operation: Operation, view: OperationView) => string>
> = {
  verb: ({ method }, view) => encodeJson(view.verb?.(method) ?? method),
  target: ({ target }) => (target === "" ? "" : encodeJson(target)),
  createTime: ({ createTime }) => timestamp(createTime),
  scheduleTime: (operation) => timestamp(scheduleTimeOf(operation)),
  startTime: ({ startTime }) => timestamp(startTime),
  endTime: ({ endTime }) => timestamp(endTime),
  expireTime: ({ expireTime }) => timestamp(expireTime),
  state: ({ state }) => `"${state}"`,
  attempt: ({ attempt }) => `${attempt}`,
  priority: ({ priority }) => (priority === 0 ? "" : `${priority}`),
  requestedCancellation: ({ cancelTime }) => `${cancelTime !== null}`,
  apiVersion: (_, { apiVersion }) => encodeJson(apiVersion),
  pollInterval: (operation, view) =>
    isDone(operation) ? "" : `"${formatDuration(view.pollIntervalMs(operation))}"`,
};

function timestamp(milliseconds: number | null): string {
  return milliseconds === null ? "" : `"${formatTimestamp(milliseconds)}"`;
}
