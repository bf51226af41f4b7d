import { type Timestamp, timestampMs } from "@bufbuild/protobuf/wkt";
import type { WorkerState } from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { oneLine, type Style } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { spanText } from "../../core/value/span.ts";
import { agoText } from "./words.ts";

/** A process that was not seen for this time is shown as silent, and later as vanished. */
const SILENT_MS = 30_000;
const VANISHED_MS = 60_000;

/** A table of processes. */
export function workerLines(
  workers: readonly WorkerState[],
  { style, columns }: { readonly style: Style; readonly columns: number },
  asOf: Timestamp | undefined,
): readonly string[] {
  if (workers.length === 0) return [];
  const head = ["WORKER", "ROLE", "VERSION", "SLOTS", "UP", "SEEN", "METHODS"];
  const rows = workers.map((worker) => [
    oneLine(worker.worker),
    worker.draining ? `${worker.role} (stops)` : worker.role,
    oneLine(worker.version),
    `${worker.running}/${worker.slots}`,
    agoText(worker.startTime, asOf),
    seenText(worker, asOf),
    oneLine(worker.methods.join(" ")),
  ]);
  const paint = (cell: string, row: number): string => {
    if (row === 0) return style.dim(cell);
    return /^(?:silent|vanished) /.test(cell) ? style.yellow(cell) : cell;
  };
  return tableLines([head, ...rows], { columns, paint });
}

function seenText({ seenTime, leasesEndTime }: WorkerState, asOf: Timestamp | undefined): string {
  if (seenTime === undefined || asOf === undefined) return "–";
  const silentMs = timestampMs(asOf) - timestampMs(seenTime);
  if (silentMs < SILENT_MS) return `${agoText(seenTime, asOf)} ago`;
  if (silentMs > VANISHED_MS) return `vanished ${spanText(silentMs)} ago`;
  const leftMs = leasesEndTime === undefined ? 0 : timestampMs(leasesEndTime) - timestampMs(asOf);
  const leases = leftMs <= 0 ? "" : `, leases end within ${spanText(leftMs)}`;
  return `silent ${spanText(silentMs)}${leases}`;
}
