import type { MethodDetail } from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { fieldLines } from "../output/show.ts";
import { oneLine } from "../output/style.ts";
import { tableLines } from "../output/table.ts";
import { failureLines, failuresHead, methodLines, type OverviewSetting } from "./overview.ts";
import { agoText, countText } from "./words.ts";

/**
 * One method: its state, its settings, the keys with the most blocked operations, and its failures.
 */
export function methodDetailLines(detail: MethodDetail, setting: OverviewSetting): readonly string[] {
  const { state, settings, keys, failures, asOf } = detail;
  const { style } = setting;
  if (state === undefined) return [];
  return [
    `${style.bold(oneLine(state.method))}  ${oneLine(state.description)}`,
    "",
    ...methodLines([state], { ...setting, selected: undefined }, asOf),
    "",
    ...fieldLines(
      settings.map(({ name, value }) => [name, value]),
      style.dim,
    ),
    ...(keys.length === 0 ? [] : ["", style.bold("Most blocked keys")]),
    ...tableLines(
      keys.map(({ key, blocked, blockedMore, held, oldestBlocked }) => [
        `  ${oneLine(key)}`,
        `${countText(blocked, blockedMore)} blocked`,
        `${countText(held)} held`,
        `oldest ${agoText(oldestBlocked, asOf)}`,
      ]),
    ),
    ...failuresHead(detail, style),
    ...failureLines(failures, setting, asOf),
  ];
}
