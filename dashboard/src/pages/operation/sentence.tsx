import type { JSX } from "preact";
import { aboutText, agoText, durationText } from "../../format/duration.ts";
import { countOf } from "../../format/number.ts";
import { instantOf } from "../../format/time.ts";
import { isDone } from "../../parts/state-mark.tsx";
import { now } from "../../state/clock.ts";
import type { OperationRecord } from "../../wire.ts";

/** The state of an operation, in one sentence with running times. */
export function Sentence({ record }: { record: OperationRecord }): JSX.Element {
  return <span class="muted">{sentenceOf(record, now.value)}</span>;
}

function sentenceOf({ row, leaseTime }: OperationRecord, at: number): string {
  if (row === undefined) return "";
  const created = instantOf(row.createTime) ?? at;
  const attempt = row.attempt ?? 0;
  if (isDone(row.state)) {
    const ended = instantOf(row.endTime) ?? at;
    const after = `after ${durationText(ended - created)}`;
    return `${agoText(at - ended)}, ${after}${attempt === 0 ? "" : ` and ${countOf(attempt, "attempt")}`}`;
  }
  if (row.state === "RUNNING") {
    const began = instantOf(row.attemptTime) ?? instantOf(row.startTime) ?? created;
    const parts = [`for ${aboutText(at - began)}`, `attempt ${attempt} of ${row.attemptsMax ?? attempt}`];
    if (row.progressPercent !== undefined) parts.push(`${Math.round(row.progressPercent)} %`);
    const lease = instantOf(leaseTime);
    if (lease !== undefined && lease > at) parts.push(`lease ends in ${aboutText(lease - at)}`);
    if (row.cancelRequested === true) parts.push("asked to cancel");
    return parts.join(", ");
  }
  const available = instantOf(row.availableTime) ?? created;
  if (row.blocked === true) return `blocked by key ${row.key ?? ""} for ${aboutText(at - available)}`;
  const verb = attempt === 0 ? "begins" : "tries again";
  if (available > at) return `${verb} in ${aboutText(available - at)}`;
  return `waits for a worker, for ${aboutText(at - available)}`;
}
