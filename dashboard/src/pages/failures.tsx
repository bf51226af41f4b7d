import type { JSX } from "preact";
import { pathOf } from "../api.ts";
import { FailureTable } from "../parts/failure-table.tsx";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { currentRange, RangeChoice } from "../parts/ranges.tsx";
import { Select } from "../parts/select.tsx";
import { Time } from "../parts/time.tsx";
import { usePolled } from "../poll.ts";
import { go, hrefWith, queryValue } from "../route.ts";
import { session } from "../state/session.ts";
import { usePageTitle } from "../state/title.ts";
import type { Failures as Answer, MethodStates } from "../wire.ts";
import { countOf } from "../format/number.ts";

const EVERY_MS = 5_000;

/** `#/failures`: all failures of a range, in groups of similar failures. */
export function Failures(): JSX.Element {
  usePageTitle("Failures");
  const range = currentRange();
  const method = queryValue("method");
  const asked = usePolled<Answer>(pathOf("failures", { range: range.value, method }), EVERY_MS);
  const methods = usePolled<MethodStates>("methods", 0).data.value?.methods ?? [];
  const { failures = [], since } = asked.data.value ?? {};
  const error = asked.error.value;
  const names = methods.map((each) => ({ value: each.method ?? "", title: each.method ?? "" }));
  return (
    <>
      <div class="head">
        <h1>Failures</h1>
        <span class="grow" />
        <Select
          label="Method"
          value={method}
          options={[{ value: "", title: "Any" }, ...names]}
          change={(value) => go(hrefWith({ method: value, key: undefined }))}
        />
        <RangeChoice />
      </div>
      {error !== undefined && (
        <section class="panel">
          <ErrorNote error={error} again={asked.readNow} />
        </section>
      )}
      {asked.data.value === undefined && error === undefined && <Loading />}
      {asked.data.value !== undefined && (
        <Panel
          title={countOf(failures.length, "group")}
          note={
            <>
              by method, code and message, since <Time at={since} precision="minutes" />
            </>
          }
        >
          {failures.length === 0 ? (
            <Empty
              title={session.value?.statistics === false ? "Failures are not counted." : "Nothing failed."}
            >
              {session.value?.statistics === false && (
                <p class="muted">This server keeps no statistics (--no-statistics).</p>
              )}
            </Empty>
          ) : (
            <div class={asked.old.value ? "old" : ""}>
              <FailureTable failures={failures} range={range} open marked={queryValue("key")} />
            </div>
          )}
        </Panel>
      )}
    </>
  );
}
