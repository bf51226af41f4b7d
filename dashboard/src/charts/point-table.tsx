import type { JSX } from "preact";
import { aboutOrDash } from "../format/duration.ts";
import { rateText } from "../format/number.ts";
import { now } from "../state/clock.ts";
import { zone } from "../state/preferences.ts";
import { type Point, pointTime } from "./series.ts";

const COLUMNS = {
  finished: [
    ["Succeeded", (point: Point) => rateText(point.succeeded)],
    ["Failed", (point: Point) => rateText(point.failed)],
    ["Cancelled", (point: Point) => rateText(point.cancelled)],
  ],
  durations: [
    ["Begin p95", (point: Point) => aboutOrDash(point.beginP95)],
    ["Run p50", (point: Point) => aboutOrDash(point.runP50)],
    ["Run p95", (point: Point) => aboutOrDash(point.runP95)],
  ],
} as const;

/** The values of a chart, newest first. */
export function PointTable(props: { points: readonly Point[]; of: keyof typeof COLUMNS }): JSX.Element {
  const columns = COLUMNS[props.of];
  return (
    <div class="scroll point-table" tabIndex={0} role="group" aria-label="Numbers of the chart">
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {columns.map(([title]) => (
              <th key={title} class="num">
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.points.toReversed().map((point) => (
            <tr key={point.at}>
              <td>{pointTime(point, now.value, zone.value)}</td>
              {columns.map(([title, text]) => (
                <td key={title} class="num">
                  {text(point)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
