import { type ClientOperation, stateOf } from "../../client/index.ts";
import type { State } from "../../core/operation/operation.ts";
import { spanText } from "../../core/value/span.ts";
import type { Io } from "../io.ts";
import { progressOf } from "./show.ts";
import { oneLine, paintState, styleFor } from "./style.ts";
import { tableLines } from "./table.ts";

const HEAD = ["NAME", "STATE", "METHOD", "CREATED", "TOOK", "PROGRESS"];
const METHOD = HEAD.indexOf("METHOD");

/**
 * A table of operations; no lines if there are none. The column of methods is left out if it would
 * be empty, because the metadata of an API's own type may lack the method.
 */
export function operationLines(io: Io, operations: readonly ClientOperation[]): readonly string[] {
  if (operations.length === 0) return [];
  const style = styleFor(io, io.stdout);
  const now = io.clock.now();
  const rows = operations.map((operation) => [
    oneLine(operation.name),
    stateOf(operation),
    oneLine(operation.metadata.verb ?? ""),
    oneLine(operation.metadata.createTime ?? ""),
    tookText(operation, now),
    storyOf(operation),
  ]);
  const paint = (cell: string, row: number, column: number): string => {
    if (row === 0) return style.dim(cell);
    return column === 1 ? paintState(style, cell as State) : cell;
  };
  const columns = io.stdout.isTerminal ? { columns: io.stdout.columns } : {};
  const hasMethods = operations.some(({ metadata }) => metadata.verb !== undefined);
  const shown = [HEAD, ...rows].map((row) => row.filter((_, column) => hasMethods || column !== METHOD));
  return tableLines(shown, { paint, ...columns });
}

/** The time from the first attempt to the end, or until now. Empty before it began. */
export function tookText({ metadata }: ClientOperation, now: number): string {
  const { startTime, endTime } = metadata;
  if (startTime === undefined) return "";
  const tookMs = (endTime === undefined ? now : Date.parse(endTime)) - Date.parse(startTime);
  return Number.isFinite(tookMs) ? spanText(Math.max(0, tookMs)) : "";
}

/** The error of a failed operation, or the progress of an unfinished one. */
export function storyOf(operation: ClientOperation): string {
  if (operation.error !== null) return oneLine(`${operation.error.code}: ${operation.error.message}`);
  return operation.done ? "" : (progressOf(operation) ?? "");
}
