import type { ComponentChildren, JSX } from "preact";
import { zone } from "../state/preferences.ts";
import { now } from "../state/clock.ts";
import { tickIndexes } from "./scale.ts";
import { type Point, pointTime, readOut, tickText } from "./series.ts";
import { useWidth } from "./use-width.ts";

/** The drawing area of a chart, in pixels. */
export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const HEIGHT = 190;
const TOP = 8;
const BASE = 168;
const NARROW = 380;

/**
 * The frame of a chart over time. The pointer and the arrow keys move one read-out over all charts
 * of the page. A screen reader sees it as a slider that reads the values of an interval.
 */
export function Plot(props: {
  title: string;
  points: readonly Point[];
  left: number;
  say: (point: Point) => string;
  children: (area: Area, x: (index: number) => number) => ComponentChildren;
}): JSX.Element {
  const { points } = props;
  const [element, width] = useWidth(640);
  const area: Area = {
    left: props.left,
    top: TOP,
    width: Math.max(40, width - props.left),
    height: BASE - TOP,
  };
  const step = area.width / Math.max(1, points.length);
  const x = (index: number): number => area.left + (index + 0.5) * step;
  const last = points.length - 1;
  const index = Math.min(readOut.value ?? last, last);
  const point = points[index];
  const ticks = tickIndexes(points.length, width < NARROW ? 3 : width < 560 ? 4 : 5);
  return (
    <div
      class="plot"
      ref={element}
      role="slider"
      tabIndex={0}
      aria-label={props.title}
      aria-valuemin={0}
      aria-valuemax={Math.max(0, last)}
      aria-valuenow={Math.max(0, index)}
      aria-valuetext={
        point === undefined
          ? "Nothing yet"
          : `${pointTime(point, now.value, zone.value)}: ${props.say(point)}`
      }
      onKeyDown={(event) => moveByKey(event, index, last)}
      onBlur={() => (readOut.value = undefined)}
      onPointerMove={(event) => {
        const at = event.clientX - event.currentTarget.getBoundingClientRect().left - area.left;
        readOut.value = Math.min(last, Math.max(0, Math.floor(at / step)));
      }}
      onPointerLeave={() => (readOut.value = undefined)}
    >
      <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} aria-hidden="true">
        {props.children(area, x)}
        {readOut.value !== undefined && point !== undefined && (
          <path class="cursor-line" d={`M${x(index)} ${TOP}V${BASE}`} />
        )}
        {ticks.map((tick, at) => (
          <text
            key={tick}
            x={at === 0 ? area.left : at === ticks.length - 1 ? width : x(tick)}
            y={BASE + 18}
            text-anchor={at === 0 ? "start" : at === ticks.length - 1 ? "end" : "middle"}
          >
            {tickText(points, tick, zone.value)}
          </text>
        ))}
      </svg>
    </div>
  );
}

function moveByKey(event: KeyboardEvent, index: number, last: number): void {
  const steps: Record<string, number> = {
    ArrowLeft: index - 1,
    ArrowRight: index + 1,
    Home: 0,
    End: last,
    PageUp: index - 10,
    PageDown: index + 10,
  };
  const next = steps[event.key];
  if (next === undefined) return;
  event.preventDefault();
  readOut.value = Math.min(last, Math.max(0, next));
}
