import type { JSX } from "preact";
import { durationText } from "../format/duration.ts";
import { shortWorker } from "../format/name.ts";
import { instantOf, timeText } from "../format/time.ts";
import { now } from "../state/clock.ts";
import { zone } from "../state/preferences.ts";
import type { Attempt, OperationRecord } from "../wire.ts";
import { useWidth } from "./use-width.ts";

const HEIGHT = 104;
const NARROW = 620;
const PAD = 4;
/** The approximate width of a character of a label. */
const CHARACTER = 6.6;

interface Stretch {
  readonly attempt: Attempt;
  readonly from: number;
  readonly to: number;
  readonly before: number;
}

const STATES: Readonly<Record<string, string>> = {
  running: "running",
  succeeded: "succeeded",
  failed: "failed",
  "worker-lost": "failed",
  deadline: "failed",
  cancelled: "cancelled",
  released: "pending",
  unconfirmed: "pending",
};

function stretchesOf(record: OperationRecord, at: number): readonly Stretch[] {
  let before = instantOf(record.row?.createTime) ?? at;
  return (record.attempts ?? []).flatMap((attempt) => {
    const from = instantOf(attempt.beginTime);
    if (from === undefined) return [];
    const to = Math.max(from, instantOf(attempt.endTime) ?? at);
    const stretch = { attempt, from, to, before: Math.min(before, from) };
    before = to;
    return [stretch];
  });
}

/** Round steps of a time axis, in milliseconds. */
const STEPS = [10, 50, 100, 500, 1_000, 2_000, 4_000, 10_000, 30_000, 60_000, 300_000, 900_000, 3_600_000];

function stepOf(span: number, ticks: number): number {
  return STEPS.find((step) => span / step <= ticks) ?? Math.ceil(span / ticks / 3_600_000) * 3_600_000;
}

/**
 * Attempts over time: thin lines are waits, thick lines are runs, and the worker's name is above.
 */
export function AttemptLine({ record }: { record: OperationRecord }): JSX.Element {
  const [element, measured] = useWidth(820);
  const width = Math.max(NARROW, measured);
  const stretches = stretchesOf(record, now.value);
  // A day of waiting before the first attempt would leave no room for the rest.
  const created = stretches[0]?.before ?? now.value;
  const end = stretches.at(-1)?.to ?? now.value;
  const start = Math.max(
    created,
    (stretches[0]?.from ?? created) - Math.max(1, end - (stretches[0]?.from ?? created)),
  );
  const step = stepOf(Math.max(1, end - start), 7);
  const span = Math.max(1, Math.ceil((end - start) / step) * step);
  const x = (at: number): number => PAD + ((Math.max(at, start) - start) / span) * (width - 2 * PAD);
  return (
    <div class="attempts" ref={element} tabIndex={0} role="group" aria-label="Timeline of attempts">
      <svg
        width={width}
        height={HEIGHT}
        viewBox={`0 0 ${width} ${HEIGHT}`}
        role="img"
        aria-label={labelOf(stretches)}
      >
        {Array.from({ length: Math.round(span / step) + 1 }, (_, index) => (
          <Tick
            key={index}
            index={index}
            x={x(start + index * step)}
            step={step}
            start={start}
            last={index * step === span}
          />
        ))}
        {stretches.map((stretch) => (
          <Run key={stretch.attempt.number} stretch={stretch} x={x} />
        ))}
      </svg>
    </div>
  );
}

function Tick(props: { index: number; x: number; step: number; start: number; last: boolean }): JSX.Element {
  const anchor = props.index === 0 ? "start" : props.last ? "end" : "middle";
  return (
    <>
      <path class="grid-line" d={`M${props.x} 20V86`} />
      <text class="m" x={props.x} y="101" text-anchor={anchor}>
        {props.index === 0
          ? timeText(props.start, now.value, zone.value)
          : `+${props.step < 100 ? `${props.index * props.step} ms` : durationText(props.index * props.step).replace(".0 s", " s")}`}
      </text>
    </>
  );
}

function Run({ stretch, x }: { stretch: Stretch; x: (at: number) => number }): JSX.Element {
  const { attempt, from, to, before } = stretch;
  const left = x(from);
  const wide = Math.max(3, x(to) - left);
  const waited = left - x(before);
  const title = `Attempt ${attempt.number}`;
  const worker = shortWorker(attempt.worker ?? "");
  const wait = durationText(from - before);
  return (
    <>
      {waited > 0 && <rect class="wait" x={x(before)} y="48" width={waited} height="6" rx="3" />}
      <rect
        class={`f-${STATES[attempt.how ?? ""] ?? "pending"}`}
        x={left}
        y="38"
        width={wide}
        height="26"
        rx="4"
      />
      {wide > title.length * CHARACTER + 20 && (
        <text class="on" x={left + 10} y="55">
          {title}
        </text>
      )}
      {wide > worker.length * CHARACTER && (
        <text class="m" x={left} y="30">
          {worker}
        </text>
      )}
      {waited > wait.length * CHARACTER + 8 && (
        <text class="m" x={x(before) + waited / 2} y="42" text-anchor="middle">
          {wait}
        </text>
      )}
    </>
  );
}

function labelOf(stretches: readonly Stretch[]): string {
  const parts = stretches.map(({ attempt, from, to, before }) => {
    const waited = from > before ? `waited ${durationText(from - before)}, ` : "";
    return `${waited}attempt ${attempt.number} ran ${durationText(to - from)}, ${attempt.how ?? ""}`;
  });
  return `Timeline: ${parts.join(", ")}.`;
}
