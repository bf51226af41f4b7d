import type { JSX } from "preact";

const WIDTH = 96;
const HEIGHT = 22;

/** Small bars of what happened, without axes: the shape is what counts. */
export function Spark({
  counts,
  bad = false,
}: {
  counts: readonly number[] | undefined;
  bad?: boolean;
}): JSX.Element {
  const bars = counts ?? [];
  const most = Math.max(1, ...bars);
  const step = WIDTH / Math.max(1, bars.length);
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      {bars.map((count, index) => {
        const height = count === 0 ? 1 : Math.max(1.5, (count / most) * (HEIGHT - 3));
        return (
          <rect
            key={index}
            class={bad ? "bad" : ""}
            x={index * step}
            y={HEIGHT - 1 - height}
            width={Math.max(0.6, step * 0.69)}
            height={height}
          />
        );
      })}
    </svg>
  );
}

/** How full something is, with the numbers beside it. */
export function Meter({ part, whole }: { part: number; whole: number }): JSX.Element {
  const filled = whole === 0 ? 0 : Math.min(1, part / whole) * 64;
  return (
    <span class="meter">
      <svg viewBox="0 0 64 6" preserveAspectRatio="none" aria-hidden="true">
        <rect class="track" width="64" height="6" />
        <rect class="f-running" width={filled} height="6" />
      </svg>
      <span>
        {part} <span class="muted">/ {whole}</span>
      </span>
    </span>
  );
}
