import type { JSX } from "preact";
import { axisText, rateText } from "../format/number.ts";
import { Plot } from "./plot.tsx";
import { axisOf } from "./scale.ts";
import type { Point } from "./series.ts";

const KINDS = ["failed", "cancelled", "succeeded"] as const;

/** Ended operations per minute. Failures are at the axis, where their heights can be compared. */
export function Finished({ points }: { points: readonly Point[] }): JSX.Element {
  const most = Math.max(0, ...points.map((point) => point.failed + point.cancelled + point.succeeded));
  const axis = axisOf(most);
  return (
    <Plot
      title="Finished per minute"
      points={points}
      left={40}
      say={(point) =>
        `${rateText(point.succeeded)} succeeded, ${rateText(point.failed)} failed, ${rateText(point.cancelled)} cancelled`
      }
    >
      {({ left, top, width, height }, x) => {
        const y = (value: number): number => top + height * (1 - value / axis.top);
        const step = width / Math.max(1, points.length);
        const wide = Math.max(0.8, step > 4 ? step - 2 : step * 0.8);
        return (
          <>
            {axis.ticks.map((tick) => (
              <g key={tick}>
                <path class={tick === 0 ? "axis" : "grid-line"} d={`M${left} ${y(tick)}h${width}`} />
                <text x={left - 8} y={y(tick) + 4} text-anchor="end">
                  {axisText(tick)}
                </text>
              </g>
            ))}
            {points.map((point, index) => {
              let base = 0;
              return KINDS.map((kind) => {
                const value = point[kind];
                if (value === 0) return null;
                const from = y(base);
                base += value;
                const tall = Math.max(1, from - y(base) - (kind === "succeeded" ? 0 : 0.8));
                return (
                  <rect
                    key={`${point.at} ${kind}`}
                    class={`f-${kind}`}
                    x={x(index) - wide / 2}
                    y={from - tall}
                    width={wide}
                    height={tall}
                  />
                );
              });
            })}
          </>
        );
      }}
    </Plot>
  );
}
