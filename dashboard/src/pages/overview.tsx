import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Charts } from "../charts/charts.tsx";
import { pointsOf } from "../charts/series.ts";
import { countText } from "../format/number.ts";
import { AttentionList } from "../parts/attention.tsx";
import { FailureTable } from "../parts/failure-table.tsx";
import { endedCount, MethodTable } from "../parts/method-table.tsx";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { currentRange, type Range, RangeChoice } from "../parts/ranges.tsx";
import { StartDialog } from "../parts/start-dialog.tsx";
import { Tiles } from "../parts/tiles.tsx";
import { Time } from "../parts/time.tsx";
import { usePolled } from "../poll.ts";
import { href } from "../route.ts";
import { may, session } from "../state/session.ts";
import { usePageTitle } from "../state/title.ts";
import type { Summary } from "../wire.ts";

const EVERY_MS = 5_000;
const METHODS_SHOWN = 8;
const FAILURES_SHOWN = 5;

/** `#/`: problems that need attention, and the state of the service. */
export function Overview(): JSX.Element {
  usePageTitle("Overview");
  const range = currentRange();
  const asked = usePolled<Summary>(`summary?range=${range.value}`, EVERY_MS);
  const summary = asked.data.value;
  const error = asked.error.value;
  return (
    <>
      <div class="head">
        <h1>Overview</h1>
        {summary?.stale === true && <span class="tag warn">counts are old: the store was slow</span>}
        <span class="grow" />
        <RangeChoice />
      </div>
      {error !== undefined && (
        <section class="panel">
          <ErrorNote error={error} again={asked.readNow} />
        </section>
      )}
      {summary === undefined && error === undefined && <Loading />}
      {summary !== undefined && <Parts summary={summary} range={range} old={asked.old.value} />}
    </>
  );
}

function Parts({ summary, range, old }: { summary: Summary; range: Range; old: boolean }): JSX.Element {
  const statistics = session.value?.statistics !== false;
  const methods = summary.methods ?? [];
  const failures = summary.failures ?? [];
  const shown = methods.filter((method) => method.builtIn !== true || endedCount(method.ended) > 0);
  const query = range.value === "1h" ? {} : { range: range.value };
  if (isFirstRun(summary)) return <FirstRun summary={summary} range={range} />;
  return (
    <div class={`stack ${old ? "old" : ""}`}>
      <AttentionList attention={summary.attention ?? []} />
      <Tiles summary={summary} range={range} statistics={statistics} />
      {!statistics && (
        <p class="muted calm">
          This server keeps no statistics (--no-statistics): rates, durations and failures are unknown.
        </p>
      )}
      {summary.countedSince !== undefined && statistics && (
        <p class="muted calm">
          Counted since <Time at={summary.countedSince} precision="minutes" />.
        </p>
      )}
      {statistics && <Charts points={pointsOf(summary.series, summary.bucket)} />}
      <Panel
        title="Methods"
        note="most urgent first"
        link={<a href={href("methods", query)}>All {countText(methods.length)}</a>}
      >
        {shown.length === 0 ? (
          <Empty title="No method is known." />
        ) : (
          <MethodTable methods={shown.slice(0, METHODS_SHOWN)} range={range} statistics={statistics} />
        )}
      </Panel>
      {failures.length > 0 && (
        <Panel
          title="Failures"
          note={
            <>
              grouped by method, code and message, since{" "}
              <Time at={summary.failuresSince} precision="minutes" />
            </>
          }
          link={<a href={href("failures", query)}>All</a>}
        >
          <FailureTable failures={failures.slice(0, FAILURES_SHOWN)} range={range} />
        </Panel>
      )}
    </div>
  );
}

function isFirstRun({ live, ended, methods, countedSince }: Summary): boolean {
  const counts = [
    live?.waiting,
    live?.blocked,
    live?.delayed,
    live?.running,
    ended?.started,
    endedCount(ended),
  ];
  const isQuiet = counts.every((count) => (count ?? 0) === 0);
  return (
    isQuiet && countedSince !== undefined && (methods ?? []).every((method) => endedCount(method.ended) === 0)
  );
}

/** Shown before the first operation: what this page will show, and how to start an operation. */
function FirstRun({ summary, range }: { summary: Summary; range: Range }): JSX.Element {
  const starting = useSignal(false);
  const method = (summary.methods ?? []).find(
    (each) => each.declared === true && each.builtIn !== true,
  )?.method;
  return (
    <div class="stack">
      <AttentionList attention={summary.attention ?? []} />
      <Tiles summary={summary} range={range} statistics />
      <section class="panel">
        <Empty title="No operation yet." command={`longrunning start ${method ?? "METHOD"} --json '{}'`}>
          <p class="muted">This page will show your operations, their durations and their failures.</p>
          {may("start") && method !== undefined && (
            <p>
              <button class="button primary" type="button" onClick={() => (starting.value = true)}>
                Start one
              </button>
            </p>
          )}
        </Empty>
      </section>
      {starting.value && <StartDialog method={method ?? ""} close={() => (starting.value = false)} />}
    </div>
  );
}
