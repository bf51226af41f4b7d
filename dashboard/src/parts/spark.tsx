import type { JSX } from "preact";

const WIDTH = 96;
const HEIGHT = 22;

/** A small bar chart without axes, which shows only the shape. */
export function Spark({
  counts,
  bad = false,
}: {
  counts: readonly number[] | undefined;
  bad?: boolean;
}): JSX.Element {
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path class={bad ? "bad" : ""} d={barsOf(counts ?? [])} />
    </svg>
  );
}

/** One path for all bars, because a page of methods has thousands. */
function barsOf(counts: readonly number[]): string {
  const most = Math.max(1, ...counts);
  const step = WIDTH / Math.max(1, counts.length);
  const width = Math.max(0.6, step * 0.69).toFixed(2);
  const bars = counts.map((count, index) => {
    const height = count === 0 ? 1 : Math.max(1.5, (count / most) * (HEIGHT - 3));
    return `M${(index * step).toFixed(2)} ${HEIGHT - 1}h${width}v-${height.toFixed(2)}h-${width}z`;
  });
  return bars.join("");
}

/** A meter: how full something is, with the numbers beside it. */
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
