import type { JSX } from "preact";
import { aboutOrDash } from "../format/duration.ts";
import { Plot } from "./plot.tsx";
import { decadesOf, decadeText } from "./scale.ts";
import type { Point } from "./series.ts";

const LINES = [
  { field: "runP50", style: "line s-running" },
  { field: "runP95", style: "line s-running dash" },
  { field: "beginP95", style: "line s-warn" },
] as const;

/** Durations on a logarithmic axis, so that tenths of seconds and hours are visible together. */
export function Durations({ points }: { points: readonly Point[] }): JSX.Element {
  const values = points.flatMap((point) => LINES.flatMap(({ field }) => point[field] ?? []));
  const decades = decadesOf(values);
  const low = Math.log10(decades[0] ?? 1);
  const high = Math.log10(decades.at(-1) ?? 10);
  return (
    <Plot title="How long it takes" points={points} left={52} say={sayPoint}>
      {({ left, top, width, height }, x) => {
        const y = (ms: number): number =>
          top + height * (1 - (Math.log10(Math.max(ms, 1)) - low) / Math.max(1, high - low));
        return (
          <>
            {decades.map((decade, index) => (
              <g key={decade}>
                <path class={index === 0 ? "axis" : "grid-line"} d={`M${left} ${y(decade)}h${width}`} />
                <text x={left - 8} y={y(decade) + 4} text-anchor="end">
                  {decadeText(decade)}
                </text>
              </g>
            ))}
            {LINES.map(({ field, style }) => (
              <path key={field} class={style} d={pathOf(points, (point) => point[field], { x, y })} />
            ))}
          </>
        );
      }}
    </Plot>
  );
}

function sayPoint(point: Point): string {
  return `begin p95 ${aboutOrDash(point.beginP95)}, run p50 ${aboutOrDash(point.runP50)}, run p95 ${aboutOrDash(point.runP95)}`;
}

/** A line that breaks where nothing happened; an isolated point is a short stroke. */
function pathOf(
  points: readonly Point[],
  value: (point: Point) => number | undefined,
  { x, y }: { x: (index: number) => number; y: (ms: number) => number },
): string {
  let path = "";
  let isDrawing = false;
  points.forEach((point, index) => {
    const ms = value(point);
    if (ms !== undefined) path += `${isDrawing ? "L" : "M"}${x(index).toFixed(1)} ${y(ms).toFixed(1)}`;
    const isAlone = !isDrawing && value(points[index + 1] ?? point) === undefined;
    if (ms !== undefined && (isAlone || (!isDrawing && index === points.length - 1))) path += "m-2 0h4";
    isDrawing = ms !== undefined;
  });
  return path;
}
