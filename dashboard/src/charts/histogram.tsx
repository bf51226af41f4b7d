import type { JSX } from "preact";
import { aboutText, millisecondsOf } from "../format/duration.ts";
import { axisText, countText } from "../format/number.ts";
import { Panel } from "../parts/panel.tsx";
import type { Histogram } from "../wire.ts";
import { axisOf, tickIndexes } from "./scale.ts";
import { useWidth } from "./use-width.ts";

const HEIGHT = 150;
const TOP = 8;
const BASE = 126;
const LEFT = 40;

interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** The ratio of a bound to the bound before it. The first bound is one millisecond. */
const GROWTH = 1.5;

/** The bars from the shortest to the longest duration that occurred. */
function barsOf(histogram: Histogram | undefined): readonly Bar[] {
  const bounds = (histogram?.bounds ?? []).map((bound) => millisecondsOf(bound) ?? 0);
  const counts = histogram?.counts ?? [];
  const bars = bounds.map((to, index) => ({
    from: bounds[index - 1] ?? (to > 1 ? to / GROWTH : 0),
    to,
    count: counts[index] ?? 0,
  }));
  const first = bars.findIndex(({ count }) => count > 0);
  return first === -1 ? [] : bars.slice(first, bars.findLastIndex(({ count }) => count > 0) + 1);
}

/** The frequency of each duration, in buckets whose upper bound is 1.5 times the lower bound. */
export function HistogramPanel(props: {
  title: string;
  note: string;
  histogram: Histogram | undefined;
}): JSX.Element {
  const bars = barsOf(props.histogram);
  const [element, width] = useWidth(460);
  const axis = axisOf(Math.max(0, ...bars.map(({ count }) => count)));
  const step = (width - LEFT) / Math.max(1, bars.length);
  const y = (count: number): number => TOP + (BASE - TOP) * (1 - count / axis.top);
  const said = bars.map(
    ({ from, to, count }) => `${countText(count)} from ${aboutText(from)} to ${aboutText(to)}`,
  );
  const label = bars.length === 0 ? `${props.title}: nothing yet` : `${props.title}: ${said.join(", ")}`;
  return (
    <Panel title={props.title} note={props.note}>
      <div class="chart">
        <div ref={element} class="plot">
          <svg width={width} height={HEIGHT} viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={label}>
            {[0, axis.top / 2, axis.top].map((tick) => (
              <g key={tick}>
                <path class={tick === 0 ? "axis" : "grid-line"} d={`M${LEFT} ${y(tick)}H${width}`} />
                <text x={LEFT - 8} y={y(tick) + 4} text-anchor="end">
                  {axisText(tick)}
                </text>
              </g>
            ))}
            {bars.map(({ from, to, count }, index) => (
              <rect
                key={to}
                class="f-running"
                x={LEFT + index * step + 1}
                y={y(count)}
                width={Math.min(48, Math.max(1, step - 2))}
                height={BASE - y(count)}
              >
                <title>{`${aboutText(from)} to ${aboutText(to)}: ${countText(count)}`}</title>
              </rect>
            ))}
            {tickIndexes(bars.length, width < 380 ? 3 : 5).map((index) => (
              <text
                key={index}
                x={LEFT + index * step}
                y={BASE + 16}
                text-anchor={index === 0 ? "start" : "middle"}
              >
                {aboutText(bars[index]?.from ?? 0)}
              </text>
            ))}
          </svg>
        </div>
      </div>
    </Panel>
  );
}
