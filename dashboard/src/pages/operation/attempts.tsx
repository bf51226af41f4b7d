import type { JSX } from "preact";
import { AttemptLine } from "../../charts/attempt-line.tsx";
import { durationText } from "../../format/duration.ts";
import { instantOf } from "../../format/time.ts";
import { Panel } from "../../parts/panel.tsx";
import { Elapsed, Time } from "../../parts/time.tsx";
import { href } from "../../route.ts";
import type { Attempt, OperationRecord } from "../../wire.ts";

const HOW: Readonly<Record<string, string>> = {
  running: "Runs",
  succeeded: "Succeeded",
  failed: "Failed",
  "worker-lost": "The worker vanished",
  unconfirmed: "The worker may never have received it, so it does not count",
  released: "Released by a worker that stopped",
  cancelled: "Cancelled",
  deadline: "The deadline passed",
};

/** The outcome of an attempt. */
function endedWith(attempt: Attempt): string {
  const error = [attempt.code, attempt.message].filter(Boolean).join(": ");
  const how = HOW[attempt.how ?? ""] ?? attempt.how ?? "";
  if (error === "") return how;
  return attempt.how === "failed" ? error : `${how} – ${error}`;
}

/** Each attempt: its time, its worker and its outcome. */
export function Attempts({ record }: { record: OperationRecord }): JSX.Element {
  const attempts = record.attempts ?? [];
  const from = record.attemptsRecordedFrom ?? 1;
  const row = record.row;
  const made = row?.attempt ?? 0;
  return (
    <Panel title="Attempts" note={made === 0 ? "none yet" : `${made} of ${row?.attemptsMax ?? made} made`}>
      {attempts.length > 0 && <AttemptLine record={record} />}
      {from > 1 && (
        <p class="note muted">
          {from === 2 ? "Attempt 1 was not recorded." : `Attempts 1 to ${from - 1} were not recorded.`} The
          newest 16 are kept, from the version on that records them.
        </p>
      )}
      {attempts.length > 0 && (
        <div class="scroll attempt-list">
          <table class="stackable">
            <thead>
              <tr>
                <th>Attempt</th>
                <th>Worker</th>
                <th class="num">Began</th>
                <th class="num">Ran</th>
                <th>Ended with</th>
              </tr>
            </thead>
            <tbody>
              {attempts.toReversed().map((attempt) => (
                <AttemptRow key={attempt.number} attempt={attempt} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {attempts.length === 0 && from <= 1 && (
        <p class="note muted">
          {made === 0 ? "No worker has begun it." : "The outcomes of its attempts were not recorded."}
        </p>
      )}
    </Panel>
  );
}

function AttemptRow({ attempt }: { attempt: Attempt }): JSX.Element {
  const began = instantOf(attempt.beginTime);
  const ended = instantOf(attempt.endTime);
  const worker = attempt.worker ?? "";
  return (
    <tr>
      <td data-label="Attempt">{attempt.number}</td>
      <td class="mono end">
        {worker === "" ? (
          <span class="muted">–</span>
        ) : (
          <a href={href("workers", { worker })} title={worker}>
            {worker}
          </a>
        )}
      </td>
      <td class="num nowrap" data-label="Began">
        <Time at={attempt.beginTime} precision="tenths" />
      </td>
      <td class="num nowrap end" data-label="Ran">
        {began === undefined ? (
          "–"
        ) : ended === undefined ? (
          <Elapsed since={began} />
        ) : (
          durationText(ended - began)
        )}
      </td>
      <td class="wide text">{endedWith(attempt)}</td>
    </tr>
  );
}
