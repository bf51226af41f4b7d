import type { JSX } from "preact";
import { aboutOrDash, aboutText, millisecondsOf } from "../format/duration.ts";
import { countedText, countText, percentText, rateText } from "../format/number.ts";
import { instantOf } from "../format/time.ts";
import { href } from "../route.ts";
import { now } from "../state/clock.ts";
import type { Ended, MethodState } from "../wire.ts";
import type { Range } from "./ranges.tsx";
import { Meter, Spark } from "./spark.tsx";

/** A method with a higher share of failures is marked. */
const FAILED_MARK = 0.05;
const LATE_MS = 60_000;

/** The number of operations that ended, with any outcome. */
export function endedCount(ended: Ended | undefined): number {
  return (ended?.succeeded ?? 0) + (ended?.failed ?? 0) + (ended?.cancelled ?? 0);
}

/** The name of a range, as the heading of a column. */
function lastText(range: Range): string {
  return `Last ${range.title === "1 hour" ? "hour" : range.title}`;
}

/** The table of methods and their statistics. */
export function MethodTable(props: {
  methods: readonly MethodState[];
  range: Range;
  statistics: boolean;
  old?: boolean;
}): JSX.Element {
  return (
    <div class="scroll">
      <table class={`methods stackable ${props.old === true ? "old" : ""}`}>
        <thead>
          <tr>
            <th>Method</th>
            <th class="num">Waiting</th>
            <th class="num">Oldest</th>
            <th>Running</th>
            <th class="num">Per minute</th>
            <th>{lastText(props.range)}</th>
            <th class="num">Failed</th>
            <th class="num">Run p50</th>
            <th class="num">p95</th>
          </tr>
        </thead>
        <tbody>
          {props.methods.map((state) => (
            <MethodRow key={state.method} state={state} range={props.range} statistics={props.statistics} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function MethodRow(props: { state: MethodState; range: Range; statistics: boolean }): JSX.Element {
  const { state, range, statistics } = props;
  const { live, ended } = state;
  const method = state.method ?? "";
  const query = range.value === "1h" ? {} : { range: range.value };
  const waiting = (live?.waiting ?? 0) + (live?.blocked ?? 0);
  return (
    <tr>
      <td>
        <a href={href(`methods/${method}`, query)}>
          <strong class="text">{method}</strong>
        </a>{" "}
        <MethodTags state={state} />
      </td>
      <td class="num end" data-label="Waiting">
        {countedText(waiting, live?.waitingMore === true || live?.blockedMore === true)}
      </td>
      <Oldest state={state} />
      <td>
        <Meter part={live?.running ?? 0} whole={state.slots ?? 0} />
      </td>
      <td class="num end" data-label="Per minute">
        {statistics ? rateText(endedCount(ended) / range.minutes) : "–"}
      </td>
      <td class="hide">
        <Spark counts={state.spark} />
      </td>
      <Failed ended={ended} />
      <td class="num hide nowrap">{aboutOrDash(millisecondsOf(ended?.run?.p50))}</td>
      <td class="num end nowrap" data-label="p95">
        {aboutOrDash(millisecondsOf(ended?.run?.p95))}
      </td>
    </tr>
  );
}

/** How long the oldest operation has waited; marked if that is much longer than usual. */
function Oldest({ state }: { state: MethodState }): JSX.Element {
  const { live, ended } = state;
  const times = [instantOf(live?.oldestWaiting), instantOf(live?.oldestBlocked)].flatMap((at) => at ?? []);
  if (times.length === 0) return <td class="num hide muted">–</td>;
  const waits = Math.max(0, now.value - Math.min(...times));
  const isLate = waits > Math.max(LATE_MS, 10 * (millisecondsOf(ended?.begin?.p95) ?? 0));
  return <td class={`num hide nowrap ${isLate ? "warn-text" : ""}`}>{aboutText(waits)}</td>;
}

function Failed({ ended }: { ended: Ended | undefined }): JSX.Element {
  const all = endedCount(ended);
  const failed = ended?.failed ?? 0;
  const isMarked = all > 0 && failed / all > FAILED_MARK;
  return (
    <td class="num failed-part" data-label="Failed">
      <span class={isMarked ? "bad-text" : ""} title={`${countText(failed)} of ${countText(all)}`}>
        {percentText(failed, all)}
      </span>
    </td>
  );
}

/** The special state of a method, in one word. */
export function MethodTags({ state }: { state: MethodState }): JSX.Element {
  return (
    <>
      {state.pauseTime !== undefined && <span class="tag warn">paused</span>}
      {(state.parallelLimit ?? 0) > 0 && <span class="tag">limit {state.parallelLimit} per key</span>}
      {state.builtIn === true && <span class="tag">built in</span>}
      {state.declared !== true && state.builtIn !== true && <span class="tag">not declared here</span>}
    </>
  );
}
