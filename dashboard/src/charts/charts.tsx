import { useSignal } from "@preact/signals";
import type { ComponentChildren, JSX } from "preact";
import { useId } from "preact/hooks";
import { aboutOrDash } from "../format/duration.ts";
import { rateText } from "../format/number.ts";
import { now } from "../state/clock.ts";
import { zone } from "../state/preferences.ts";
import { Durations } from "./durations.tsx";
import { Finished } from "./finished.tsx";
import { PointTable } from "./point-table.tsx";
import { type Point, pointTime, readOut } from "./series.ts";

/** Ended operations and their durations, side by side, with one read-out for both. */
export function Charts({ points }: { points: readonly Point[] }): JSX.Element {
  const last = points.length - 1;
  const point = points[Math.min(readOut.value ?? last, last)];
  const time =
    readOut.value === undefined || point === undefined ? "" : pointTime(point, now.value, zone.value);
  return (
    <div class="charts">
      <ChartPanel
        title="Finished per minute"
        time={time}
        points={points}
        of="finished"
        chart={<Finished points={points} />}
      >
        <Square kind="succeeded" title="Succeeded" value={rateText(point?.succeeded ?? 0)} />
        <Square kind="failed" title="Failed" value={rateText(point?.failed ?? 0)} />
        <Square kind="cancelled" title="Cancelled" value={rateText(point?.cancelled ?? 0)} />
      </ChartPanel>
      <ChartPanel
        title="How long it takes"
        time={time}
        points={points}
        of="durations"
        chart={<Durations points={points} />}
      >
        <Stroke line="line s-warn" title="Begin, p95" value={aboutOrDash(point?.beginP95)} />
        <Stroke line="line s-running" title="Run, p50" value={aboutOrDash(point?.runP50)} />
        <Stroke line="line s-running dash" title="p95" value={aboutOrDash(point?.runP95)} />
      </ChartPanel>
    </div>
  );
}

function ChartPanel(props: {
  title: string;
  time: string;
  points: readonly Point[];
  of: "finished" | "durations";
  chart: JSX.Element;
  children: ComponentChildren;
}): JSX.Element {
  const id = useId();
  const asTable = useSignal(false);
  return (
    <section class="panel chart-panel" aria-labelledby={id}>
      <header>
        <h2 id={id}>{props.title}</h2>
        <span class="muted">{props.time}</span>
        <span class="grow" />
        <button
          class="link"
          type="button"
          aria-label={`${props.title}: ${asTable.value ? "chart" : "table"}`}
          onClick={() => (asTable.value = !asTable.value)}
        >
          {asTable.value ? "Chart" : "Table"}
        </button>
      </header>
      {asTable.value ? (
        <PointTable points={props.points} of={props.of} />
      ) : (
        <>
          <ul class="legend">{props.children}</ul>
          <div class="chart">{props.chart}</div>
        </>
      )}
    </section>
  );
}

function Square(props: { kind: string; title: string; value: string }): JSX.Element {
  return (
    <li>
      <svg viewBox="0 0 16 10" aria-hidden="true">
        <rect class={`f-${props.kind}`} x="2" width="12" height="10" rx="2" />
      </svg>
      {props.title} <b>{props.value}</b>
    </li>
  );
}

function Stroke(props: { line: string; title: string; value: string }): JSX.Element {
  return (
    <li>
      <svg viewBox="0 0 16 10" aria-hidden="true">
        <path class={props.line} d="M1 5h14" />
      </svg>
      {props.title} <b>{props.value}</b>
    </li>
  );
}
