import { type ClientOperation, reasonOf, stateOf } from "../../client/index.ts";
import type { Io } from "../io.ts";
import { manyLines, oneLine, paintState, styleFor } from "./style.ts";
import { tableLines } from "./table.ts";

/** Fields of the metadata that have their own line, or are of no use to people. */
const CONVENTIONAL: ReadonlySet<string> = new Set(
  ["verb", "target", "state", "attempt", "createTime", "startTime", "endTime", "expireTime"].concat([
    "priority",
    "scheduleTime",
    "requestedCancellation",
    "apiVersion",
    "pollInterval",
    "progressPercent",
    "statusMessage",
  ]),
);

/**
 * Prints an operation on standard output, for people or as JSON.
 *
 * @param method the name of the method, if the caller knows it: the metadata of an API's own type
 * may lack it
 */
export function showOperation(
  io: Io,
  operation: ClientOperation,
  output: "text" | "json",
  method = operation.metadata.verb,
): void {
  io.stdout.write(output === "json" ? operationJson(operation) : operationText(io, operation, method));
}

/** The operation as indented JSON: payloads as plain values, the error's code by name. */
export function operationJson(operation: ClientOperation): string {
  return `${JSON.stringify(operation, null, 2)}\n`;
}

function operationText(io: Io, operation: ClientOperation, method: string | undefined): string {
  const style = styleFor(io, io.stdout);
  const { metadata, error, response } = operation;
  const reported = Object.fromEntries(Object.entries(metadata).filter(([key]) => !CONVENTIONAL.has(key)));
  const rows: (readonly [string, string | undefined])[] = [
    ["method", method],
    ["target", metadata.target === "" ? undefined : metadata.target],
    ["attempt", metadata.attempt === undefined ? undefined : String(metadata.attempt)],
    ["priority", metadata.priority === undefined ? undefined : String(metadata.priority)],
    ["created", metadata.createTime],
    ["not before", metadata.scheduleTime],
    ["started", metadata.startTime],
    ["ended", metadata.endTime],
    ["kept until", metadata.expireTime],
    ["cancellation", metadata.requestedCancellation === true ? "asked for" : undefined],
    ["progress", stateOf(operation) === "SUCCEEDED" ? undefined : progressOf(operation)],
    ["reported", Object.keys(reported).length === 0 ? undefined : JSON.stringify(reported)],
    ["error", error === null ? undefined : `${error.code}: ${error.message}`],
    ["reason", error === null ? undefined : reasonOf(error)],
    ["response", response === null ? undefined : JSON.stringify(response)],
  ];
  const named = operation.name === "" ? "(validated only; nothing was started)" : operation.name;
  return [
    `${style.bold(oneLine(named))}  ${paintState(style, stateOf(operation))}`,
    ...fieldLines(rows, style.dim),
    "",
  ].join("\n");
}

/**
 * Lines of names and values; undefined values are left out, and values with several lines are
 * indented below.
 */
export function fieldLines(
  rows: readonly (readonly [string, string | undefined])[],
  paintName: (text: string) => string = (text) => text,
): readonly string[] {
  const given = rows.filter((row): row is readonly [string, string] => row[1] !== undefined);
  return tableLines(
    given.map(([name, value]) => [`  ${name}`, manyLines(value).replaceAll("\n", "\n    ")]),
    { paint: (cell, _row, column) => (column === 0 ? paintName(cell) : cell) },
  );
}

/** Progress in words, such as `40% packing a.txt`; undefined if none was reported. */
export function progressOf(operation: ClientOperation): string | undefined {
  const percent = percentOf(operation);
  const { statusMessage } = operation.metadata;
  const parts = [
    percent === undefined ? [] : [`${Math.round(percent)}%`],
    typeof statusMessage === "string" && statusMessage !== "" ? [oneLine(statusMessage)] : [],
  ].flat();
  return parts.length === 0 ? undefined : parts.join(" ");
}

/** `progressPercent`, limited to 0 to 100; undefined if it is not a number. */
export function percentOf(operation: ClientOperation): number | undefined {
  const percent: unknown = operation.metadata.progressPercent;
  return typeof percent === "number" && Number.isFinite(percent)
    ? Math.min(Math.max(percent, 0), 100)
    : undefined;
}
