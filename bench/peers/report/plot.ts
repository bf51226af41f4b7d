import { figure } from "../../report/text.ts";
import type { Figures, PeerResult, Spread } from "../rounds.ts";
import { isOurs } from "./checks.ts";

const WIDTH = 880;
const LEFT = 250;
const RIGHT = 90;
const ROW = 24;
const TOP = 44;

/** A panel of bars, one for each peer. */
interface Panel {
  readonly title: string;
  /** Whether the longer bar is the better one; the best comes first. */
  readonly most: boolean;
  readonly pick: (figures: Figures) => Spread;
}

const PANELS: readonly Panel[] = [
  {
    title: "Completed operations per second, 64 callers (longer is better)",
    most: true,
    pick: ({ perSecond }) => perSecond,
  },
  {
    title: "Milliseconds from the start until the caller has the result, one caller, p50 (shorter is better)",
    most: false,
    pick: ({ aloneP50Ms }) => aloneP50Ms,
  },
];

/** Two panels of bars: the medians, with a line from the least to the most of the rounds. */
export function plotOf(results: readonly PeerResult[]): string {
  let top = 0;
  const panels = PANELS.map((panel) => {
    const drawn = panelOf(panel, results, top);
    top += drawn.height;
    return drawn.text;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" font-family="sans-serif" font-size="13">
<rect width="${WIDTH}" height="${top}" fill="#ffffff"/>
${panels.join("\n")}
</svg>
`;
}

function panelOf({ title, most, pick }: Panel, results: readonly PeerResult[], top: number) {
  const bars = results
    .flatMap(({ name, title: label, figures }) =>
      figures === undefined ? [] : [{ name, label, spread: pick(figures) }],
    )
    .toSorted((a, b) => (most ? b.spread.median - a.spread.median : a.spread.median - b.spread.median));
  const longest = Math.max(...bars.map(({ spread }) => spread.most), Number.MIN_VALUE);
  const scale = (value: number): number => (value / longest) * (WIDTH - LEFT - RIGHT);
  const head = `<text x="12" y="${top + 26}" font-weight="bold">${escaped(title)}</text>`;
  const rows = bars.map((bar, index) => rowOf(bar, top + TOP + index * ROW, scale));
  return { height: TOP + bars.length * ROW + 12, text: [head, ...rows].join("\n") };
}

interface Bar {
  readonly name: string;
  readonly label: string;
  readonly spread: Spread;
}

function rowOf({ name, label, spread }: Bar, y: number, scale: (value: number) => number): string {
  const [end, from, to] = [spread.median, spread.least, spread.most].map((value) => LEFT + scale(value)) as [
    number,
    number,
    number,
  ];
  const middle = y + ROW / 2;
  const colour = isOurs(name) ? "#1a73e8" : "#9aa0a6";
  return [
    `<text x="${LEFT - 8}" y="${middle + 4}" text-anchor="end">${escaped(label)}</text>`,
    `<rect x="${LEFT}" y="${y + 4}" width="${(end - LEFT).toFixed(1)}" height="${ROW - 8}" fill="${colour}"/>`,
    `<path d="M${from.toFixed(1)} ${middle}H${to.toFixed(1)}" stroke="#202124" stroke-width="1.5"/>`,
    `<text x="${(to + 6).toFixed(1)}" y="${middle + 4}">${figure(spread.median)}</text>`,
  ].join("\n");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
