import type { Operation } from "../operation/operation.ts";
import { STRUCT, type JsonObject } from "../operation/payload.ts";
import { formatTimestamp } from "../value/timestamp.ts";
import { compareBoolean, compareNumber, compareText, compareTime } from "./compare.ts";
import { camelCase } from "./fields.ts";
import type { Comparison, Filter } from "./filter.ts";
import { FilteredRecord } from "./filtered-record.ts";
import { hasKey, textInside, walk } from "./values.ts";

/**
 * Whether an operation matches a filter.
 *
 * A comparison with a missing field is false, also with `!=`; `NOT` inverts every answer.
 */
export function matches(filter: Filter, operation: Operation): boolean {
  return judge(filter, new FilteredRecord(operation));
}

/** The same for a record that is also tested with other filters. */
export function matchesRecord(filter: Filter, record: FilteredRecord): boolean {
  return judge(filter, record);
}

/** The number of restrictions that read payloads, for the cost of a page. */
export function payloadTerms(filter: Filter): number {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.reduce((sum, each) => sum + payloadTerms(each), 0);
    case "not":
      return payloadTerms(filter.operand);
    case "search":
      return 1;
    case "methods":
      return 0;
    case "comparison":
      return filter.field.type === "any" || filter.field.type === "message" ? 1 : 0;
  }
}

/**
 * Whether a filter needs more than a record's columns without payloads and the code and message of
 * its error.
 */
export function readsPayloads(filter: Filter): boolean {
  switch (filter.kind) {
    case "and":
    case "or":
      return filter.operands.some(readsPayloads);
    case "not":
      return readsPayloads(filter.operand);
    case "methods":
      return false;
    case "search":
      return true;
    case "comparison":
      return ["any", "message", "list"].includes(filter.field.type);
  }
}

function judge(filter: Filter, record: FilteredRecord): boolean {
  switch (filter.kind) {
    case "and":
      return filter.operands.every((each) => judge(each, record));
    case "or":
      return filter.operands.some((each) => judge(each, record));
    case "not":
      return !judge(filter.operand, record);
    case "search":
      return found(filter.text, record);
    case "methods":
      return filter.names.has(record.operation.method);
    case "comparison":
      return compare(filter, record);
  }
}

/** Searches a word in every text that the operation has on the wire. */
function found(text: string, record: FilteredRecord): boolean {
  const { method, target, state, error } = record.operation;
  return (
    [record.name, method, target, state, error?.message ?? ""].some((each) => each.includes(text)) ||
    textInside(record.reported, text) ||
    textInside(record.response, text)
  );
}

function compare(comparison: Comparison, record: FilteredRecord): boolean {
  const { field, comparator, value } = comparison;
  switch (field.type) {
    case "any":
      return compareFree(comparison, record);
    case "message":
      return hasMessage(comparison, record);
    case "list":
      return walk(record.operation.error?.details, field.path.slice(2), comparator, value);
    case "boolean":
    case "number":
    case "code":
    case "time":
    case "state":
    case "text": {
      const known = knownValue(field.path, record);
      if (known === undefined) return false;
      if (typeof known === "boolean") return compareBoolean(known, comparator, value);
      if (typeof known === "number") {
        return (field.type === "time" ? compareTime : compareNumber)(known, comparator, value);
      }
      // A state has no parts, so `:` means `=`.
      const asWhole = field.type === "state" && comparator === ":" && !value.presence;
      return compareText(known, asWhole ? "=" : comparator, value);
    }
  }
}

/** The value of a field with a known type; undefined if missing. */
function knownValue(path: readonly string[], record: FilteredRecord): string | number | boolean | undefined {
  const [top, field = ""] = path;
  if (top === "name") return record.name;
  if (top === "done") return record.done;
  if (top === "error") return field === "code" ? record.errorCode : record.operation.error?.message;
  if (field === "@type") return record.typeUrl(top === "metadata" ? "metadata" : "response");
  return record.serviceField(field);
}

/**
 * Compares a field of a report or response. `value` contains a Struct's members in JSON, so a path
 * may include it.
 */
function compareFree({ field, comparator, value }: Comparison, record: FilteredRecord): boolean {
  const [top, ...path] = field.path;
  const isMetadata = top === "metadata";
  const message = isMetadata ? record.reported : record.response;
  if (message === undefined) return false;
  const type = record.typeUrl(isMetadata ? "metadata" : "response");
  if (path[0] !== "value" || Object.hasOwn(message, "value") || type?.endsWith(STRUCT) !== true) {
    return walk(message, path, comparator, value);
  }
  return walk(wireMembers(message, isMetadata, record), path.slice(1), comparator, value);
}

/**
 * Whether there is an error, metadata or a response, or whether metadata or the response has a
 * field of this name.
 */
function hasMessage({ field, value }: Comparison, record: FilteredRecord): boolean {
  const [top] = field.path;
  if (top === "error") return record.operation.error !== null;
  if (top === "metadata") {
    return (
      value.presence ||
      record.serviceField(camelCase(value.text)) !== undefined ||
      hasKey(record.reported, value.text)
    );
  }
  if (value.presence) return record.operation.response !== null;
  return record.response !== undefined && hasKey(record.response, value.text);
}

const SERVICE_TIMES = ["createTime", "scheduleTime", "startTime", "endTime", "expireTime"] as const;

/** All members of a Struct on the wire. */
function wireMembers(message: JsonObject, isMetadata: boolean, record: FilteredRecord): JsonObject {
  if (!isMetadata) return message;
  const times = SERVICE_TIMES.flatMap((field) => {
    const time = record.serviceField(field);
    return typeof time === "number" ? [[field, formatTimestamp(time)] as const] : [];
  });
  const others = (["verb", "target", "state", "attempt", "priority", "requestedCancellation"] as const).map(
    (field) => [field, record.serviceField(field)] as const,
  );
  return { ...message, ...Object.fromEntries([...times, ...others]) };
}
