import type { Timestamp } from "@bufbuild/protobuf/wkt";
import { countOf } from "../output/count.ts";
import type {
  Attention,
  FailureGroup,
  LiveCounts,
  MethodState,
  Summary,
} from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { type State, STATES } from "../../core/operation/operation.ts";
import { oneLine, paintState, type Style } from "../output/style.ts";
import { cut, tableLines } from "../output/table.ts";
import { agoText, countText, durationText, partText, STATE_GLYPHS } from "./words.ts";

/** The settings for writing an overview. */
export interface OverviewSetting {
  readonly style: Style;
  /** The characters per line. */
  readonly columns: number;
  /** The range of the summary, such as `1h`. */
  readonly range: string;
  /** The method that keys act on, which is marked. @default none */
  readonly selected?: string | undefined;
}

/** The overview, with the same content as the first page of the dashboard. */
export function overviewLines(summary: Summary, setting: OverviewSetting): readonly string[] {
  const { style } = setting;
  const { methods, failures, countedSince, asOf, stale } = summary;
  const notes = [
    ...(stale ? ["The live counts are old: the store did not answer in time."] : []),
    ...(countedSince === undefined ? [] : [`Counted for ${agoText(countedSince, asOf)}.`]),
  ];
  return [
    ...attentionLines(summary.attention, setting),
    "",
    ...tileLines(summary, setting),
    ...notes.map(style.dim),
    "",
    ...(methods.length === 0
      ? ["No operation yet. Start one with: longrunning start METHOD"]
      : methodLines(methods, setting, asOf)),
    ...failuresHead(summary, style),
    ...failureLines(failures, setting, asOf),
  ];
}

/** The warnings, one line each; a quiet line if there are none. */
function attentionLines(
  attention: readonly Attention[],
  { style, columns }: Pick<OverviewSetting, "style" | "columns">,
): readonly string[] {
  if (attention.length === 0) return [style.dim("Nothing needs attention.")];
  return attention.map((each) => {
    const text = cut(attentionText(each), columns - 2);
    return `${style.yellow("!")} ${style.bold(text.slice(0, each.method.length))}${text.slice(each.method.length)}`;
  });
}

/** Such as `exportReport failed 82 % of the time: smtp relay timed out`. */
export function attentionText({ method, sentence, detail }: Attention): string {
  const told = [method, sentence].filter((each) => each !== "").join(" ");
  return oneLine(detail === "" ? told : `${told}: ${detail}`);
}

function tileLines(summary: Summary, { style, range }: OverviewSetting): readonly string[] {
  const { live, ended, asOf, workers, slots } = summary;
  if (live === undefined) return [];
  const { succeeded = 0, failed = 0, cancelled = 0 } = ended ?? {};
  const all = succeeded + failed + cancelled;
  const pending = live.waiting + live.blocked + live.delayed;
  const more = live.waitingMore || live.blockedMore || live.delayedMore;
  const oldest = live.oldestWaiting === undefined ? "" : `oldest waits ${agoText(live.oldestWaiting, asOf)}`;
  const rows = [
    [tileName("PENDING"), countText(pending, more), oldest],
    [
      tileName("RUNNING"),
      countText(live.running, live.runningMore),
      `of ${countText(slots)} slots, ${countOf(workers, "worker")}`,
    ],
    [tileName("SUCCEEDED"), countText(succeeded), `in the last ${range}`],
    [tileName("FAILED"), countText(failed), `${partText(failed, all)} of what ended`],
    [tileName("CANCELLED"), countText(cancelled), ""],
  ];
  return tableLines(rows, {
    paint: (cell, row, column) => (column === 0 ? paintState(style, STATES[row] ?? "PENDING", cell) : cell),
  });
}

function tileName(state: State): string {
  return `${STATE_GLYPHS[state]} ${state.charAt(0)}${state.slice(1).toLowerCase()}`;
}

const METHOD_HEAD = ["METHOD", "WAITING", "BLOCKED", "OLDEST", "RUNNING", "ENDED", "FAILED", "P50", "P95"];

/** A table of methods, most urgent first. */
export function methodLines(
  methods: readonly MethodState[],
  { style, columns, selected }: Omit<OverviewSetting, "range">,
  asOf: Timestamp | undefined,
): readonly string[] {
  const rows = methods.map((state) => methodRow(state, asOf));
  const marked = [METHOD_HEAD, ...rows].map(([name = "", ...cells], row) => [
    selected !== undefined && methods[row - 1]?.method === selected ? `> ${name}` : `  ${name}`,
    ...cells,
  ]);
  const paint = (cell: string, row: number, column: number): string => {
    if (row === 0) return style.dim(cell);
    return column === 6 && Number.parseFloat(cell) > 5 ? style.red(cell) : cell;
  };
  return tableLines(marked, { columns, paint });
}

function methodRow(state: MethodState, asOf: Timestamp | undefined): readonly string[] {
  const { live, ended } = state;
  const all = ended === undefined ? 0 : ended.succeeded + ended.failed + ended.cancelled;
  return [
    `${oneLine(state.method)}${state.pauseTime === undefined ? "" : " (paused)"}`,
    countText(live?.waiting ?? 0, live?.waitingMore),
    countText(live?.blocked ?? 0, live?.blockedMore),
    agoText(live === undefined ? undefined : oldestOf(live), asOf),
    `${countText(live?.running ?? 0, live?.runningMore)}${state.slots === 0 ? "" : `/${state.slots}`}`,
    countText(all),
    partText(ended?.failed ?? 0, all),
    durationText(ended?.run?.p50),
    durationText(ended?.run?.p95),
  ];
}

function oldestOf({ oldestWaiting, oldestBlocked }: LiveCounts): Timestamp | undefined {
  return oldestWaiting ?? oldestBlocked;
}

/** The heading of failures, with their time range in whole hours. */
export function failuresHead(
  { failures, failuresSince, asOf }: Pick<Summary, "failures" | "failuresSince" | "asOf">,
  style: Style,
): readonly string[] {
  return failures.length === 0 ? [] : ["", style.bold(`Failures, last ${agoText(failuresSince, asOf)}`)];
}

/** A table of failures, most frequent first. */
export function failureLines(
  failures: readonly FailureGroup[],
  { style, columns }: Pick<OverviewSetting, "style" | "columns">,
  asOf: Timestamp | undefined,
): readonly string[] {
  if (failures.length === 0) return [];
  const head = ["  OPERATIONS", "METHOD", "LAST", "FAILURE"];
  const rows = failures.map(({ count, method, code, text, lastTime }) => [
    `  ${countText(count)}`,
    oneLine(method),
    `${agoText(lastTime, asOf)} ago`,
    oneLine(`${code}: ${text}`),
  ]);
  return tableLines([head, ...rows], { columns, paint: (cell, row) => (row === 0 ? style.dim(cell) : cell) });
}
