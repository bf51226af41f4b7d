import type { ComponentChildren, JSX } from "preact";
import { aboutText } from "../format/duration.ts";
import { countedText, countOf, countText, percentText } from "../format/number.ts";
import { instantOf } from "../format/time.ts";
import { href } from "../route.ts";
import { now } from "../state/clock.ts";
import type { Summary } from "../wire.ts";
import { endedCount } from "./method-table.tsx";
import type { Range } from "./ranges.tsx";
import { type StateName, StateMark } from "./state-mark.tsx";

/**
 * The five states: unfinished operations now, and operations that ended in the range. There are no
 * totals for all time.
 */
export function Tiles(props: { summary: Summary; range: Range; statistics: boolean }): JSX.Element {
  const { summary, range } = props;
  const { live, ended } = summary;
  const pending = (live?.waiting ?? 0) + (live?.blocked ?? 0) + (live?.delayed ?? 0);
  const isMore = live?.waitingMore === true || live?.blockedMore === true || live?.delayedMore === true;
  const all = endedCount(ended);
  const inRange = (state: string): string =>
    href("operations", { ...endedQuery(range), filter: `metadata.state = ${state}` });
  const number = (count: number | undefined): string => (props.statistics ? countText(count ?? 0) : "–");
  return (
    <section class="panel tiles" aria-label="States">
      <Tile
        state="PENDING"
        href={href("operations", { view: "notdone", filter: "metadata.state = PENDING" })}
        number={countedText(pending, isMore)}
      >
        {oldestText(summary)}
      </Tile>
      <Tile
        state="RUNNING"
        href={href("operations", { view: "running" })}
        number={countedText(live?.running, live?.runningMore)}
      >
        {(summary.workers ?? 0) === 0
          ? "no worker"
          : `of ${countOf(summary.slots ?? 0, "slot")}, ${countOf(summary.workers ?? 0, "worker")}`}
      </Tile>
      <Tile state="SUCCEEDED" href={inRange("SUCCEEDED")} number={number(ended?.succeeded)}>
        in {range.last}
      </Tile>
      <Tile
        state="FAILED"
        href={href("operations", { view: "failed", ...endedQuery(range) })}
        number={number(ended?.failed)}
      >
        {all === 0 ? `in ${range.last}` : `${percentText(ended?.failed ?? 0, all)} of what ended`}
      </Tile>
      <Tile state="CANCELLED" href={inRange("CANCELLED")} number={number(ended?.cancelled)}>
        in {range.last}
      </Tile>
    </section>
  );
}

/** The list has no range of six hours, so it shows a day. */
function endedQuery(range: Range): { readonly ended: string } {
  return { ended: range.value === "6h" ? "24h" : range.value };
}

function Tile(props: {
  state: StateName;
  href: string;
  number: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    <a href={props.href}>
      <StateMark state={props.state} />
      <b>{props.number}</b>
      <small>{props.children}</small>
    </a>
  );
}

function oldestText({ live }: Summary): string {
  const times = [instantOf(live?.oldestWaiting), instantOf(live?.oldestBlocked)].flatMap((at) => at ?? []);
  if (times.length === 0) return (live?.delayed ?? 0) > 0 ? "all of them later" : "nothing waits";
  const late = now.value - Math.min(...times);
  return late < 1_000 ? "none of them late" : `oldest ${aboutText(late)} late`;
}
