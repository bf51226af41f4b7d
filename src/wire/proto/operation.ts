import { WireType } from "@bufbuild/protobuf/wire";
import { invariant } from "../../core/invariant.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { requireOpen } from "../../core/operation/sealed.ts";
import { metadataPayload, type OperationView, type ShownResult } from "../operation.ts";
import { writeAny } from "./any.ts";
import { writeStatus } from "./status.ts";
import { STANDARD_TYPES, type Types } from "./registry.ts";
import { open, type Writer, written } from "./writer.ts";

/**
 * The messages of google.longrunning.Operations as protobuf bytes, for `alt=proto` and for gRPC.
 * They have the same content as the JSON of `wire/operation.ts`. They are written field by field,
 * because message objects cost several times as much.
 *
 * @see google/longrunning/operations.proto; contract section 1.2
 */

/** Field numbers of `Operation`. */
const NAME = 1;
const METADATA = 2;
const DONE = 3;
const ERROR = 4;
const RESPONSE = 5;
/** Field numbers of `ListOperationsResponse`. */
const OPERATIONS = 1;
const NEXT_PAGE_TOKEN = 2;
/** Field numbers of `StartOperationsResponse`, and of the results in it. */
const RESULTS = 1;
const RESULT_OPERATION = 1;
const RESULT_ERROR = 2;

/** Field numbers of `WatchOperationsResponse`. */
const CHANGED = 1;
const REMOVED = 2;
const INITIAL_END = 3;

/** The bytes of a `google.protobuf.Empty`: none. */
export const EMPTY_PROTO: Uint8Array = new Uint8Array(0);

/** An operation as the bytes of a `google.longrunning.Operation`. */
export function operationProto(
  operation: Operation,
  view: OperationView,
  types: Types = STANDARD_TYPES,
): Uint8Array {
  return written((writer) => writeOperation(writer, operation, view, types));
}

/** A page of a list as the bytes of a `google.longrunning.ListOperationsResponse`. */
export function listProto(
  operations: readonly Operation[],
  nextPageToken: string,
  view: OperationView,
  types: Types = STANDARD_TYPES,
): Uint8Array {
  return written((writer) => {
    for (const operation of operations) {
      open(writer, OPERATIONS);
      writeOperation(writer, operation, view, types);
      writer.join();
    }
    if (nextPageToken !== "") writer.tag(NEXT_PAGE_TOKEN, WireType.LengthDelimited).string(nextPageToken);
  });
}

/** The results of many starts as the bytes of a `longrunning.v1.StartOperationsResponse`. */
export function resultsProto(
  results: readonly ShownResult[],
  view: OperationView,
  types: Types = STANDARD_TYPES,
): Uint8Array {
  return written((writer) => {
    for (const { operation, error } of results) {
      open(writer, RESULTS);
      open(writer, operation === undefined ? RESULT_ERROR : RESULT_OPERATION);
      if (operation === undefined) writeStatus(writer, error, types);
      else writeOperation(writer, operation, view, types);
      writer.join();
      writer.join();
    }
  });
}

/**
 * An event of a watched collection: the state of an operation, the name of a removed one, or the
 * end of the initial operations.
 */
export type WatchedEvent =
  | { readonly operation: Operation }
  | { readonly removed: string }
  | { readonly initialEnd: true };

/** The event as the bytes of a `longrunning.v1.WatchOperationsResponse`. */
export function watchedProto(
  event: WatchedEvent,
  view: OperationView,
  types: Types = STANDARD_TYPES,
): Uint8Array {
  return written((writer) => {
    if ("removed" in event) return void writer.tag(REMOVED, WireType.LengthDelimited).string(event.removed);
    open(writer, "operation" in event ? CHANGED : INITIAL_END);
    if ("operation" in event) writeOperation(writer, event.operation, view, types);
    writer.join();
  });
}

function writeOperation(writer: Writer, operation: Operation, view: OperationView, types: Types): void {
  requireOpen(operation);
  if (operation.id !== "") writer.tag(NAME, WireType.LengthDelimited).string(formatName(operation));
  open(writer, METADATA);
  writeAny(writer, metadataPayload(operation, view), types);
  writer.join();
  if (!isDone(operation)) return;
  writer.tag(DONE, WireType.Varint).bool(true);
  if (operation.error !== null) {
    open(writer, ERROR);
    writeStatus(writer, operation.error, types);
  } else {
    invariant(operation.response !== null, "a finished operation has an error or a response");
    open(writer, RESPONSE);
    writeAny(writer, operation.response, types);
  }
  writer.join();
}
