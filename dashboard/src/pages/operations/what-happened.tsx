import type { JSX } from "preact";
import { aboutText } from "../../format/duration.ts";
import { instantOf } from "../../format/time.ts";
import { now } from "../../state/clock.ts";
import type { MethodState, OperationRow } from "../../wire.ts";

/** What an operation does, what it waits for, or how it ended, in one line. */
export function WhatHappened(props: { row: OperationRow; method: MethodState | undefined }): JSX.Element {
  const { row } = props;
  if (row.state === "RUNNING") return <Running row={row} />;
  const text = textOf(row, props.method, now.value);
  if (text === "") return <span class="muted">–</span>;
  return (
    <span class="clip text" title={text}>
      {text}
    </span>
  );
}

function textOf(row: OperationRow, method: MethodState | undefined, at: number): string {
  const message = row.message ?? "";
  switch (row.state) {
    case "PENDING":
      return waitingText(row, method, at);
    case "FAILED":
    case "CANCELLED":
      return [row.errorCode, message].filter(Boolean).join(": ");
    case "DELETED":
      return "Removed meanwhile";
    default:
      return "";
  }
}

function waitingText(row: OperationRow, method: MethodState | undefined, at: number): string {
  if (row.blocked === true) return row.key ? `Blocked by key ${row.key}` : "Blocked";
  const available = instantOf(row.availableTime) ?? at;
  const again = (row.failedAttempts ?? 0) > 0;
  if (available > at) return `${again ? "Tries again" : "Begins"} in ${aboutText(available - at)}`;
  if (method?.pauseTime !== undefined) return "The method is paused";
  if (method !== undefined && (method.workers ?? 0) === 0) return "No worker runs this method";
  return `Waits since ${aboutText(at - available)}`;
}

/** The progress that the handler reported. */
function Running({ row }: { row: OperationRow }): JSX.Element {
  const percent = row.progressPercent;
  const isSilent = percent === undefined && !row.message && row.cancelRequested !== true;
  if (isSilent) return <span class="muted">–</span>;
  return (
    <span class="progress-line">
      {percent !== undefined && <Bar percent={percent} />}
      {row.cancelRequested === true && <span class="tag warn">cancelling</span>}
      <span class="clip text" title={row.message ?? ""}>
        {row.message ?? ""}
      </span>
    </span>
  );
}

/** Progress, as a bar and in numbers. */
export function Bar({ percent }: { percent: number }): JSX.Element {
  const shown = Math.round(Math.min(100, Math.max(0, percent)));
  return (
    <span class="meter">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="100" height="6" />
        <rect class="f-running" width={shown} height="6" />
      </svg>
      <span>{shown} %</span>
    </span>
  );
}
