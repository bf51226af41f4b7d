import type { JSX } from "preact";
import { countOf } from "../format/number.ts";
import { MethodTable } from "../parts/method-table.tsx";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { currentRange, RangeChoice } from "../parts/ranges.tsx";
import { usePolled } from "../poll.ts";
import { session } from "../state/session.ts";
import { usePageTitle } from "../state/title.ts";
import type { MethodStates } from "../wire.ts";

const EVERY_MS = 5_000;

/** `#/methods`: all of them, most urgent first. */
export function Methods(): JSX.Element {
  usePageTitle("Methods");
  const range = currentRange();
  const asked = usePolled<MethodStates>(`methods?range=${range.value}`, EVERY_MS);
  const methods = asked.data.value?.methods ?? [];
  const error = asked.error.value;
  return (
    <>
      <div class="head">
        <h1>Methods</h1>
        <span class="grow" />
        <RangeChoice />
      </div>
      {error !== undefined && (
        <section class="panel">
          <ErrorNote error={error} again={asked.readNow} />
        </section>
      )}
      {asked.data.value === undefined && error === undefined && <Loading />}
      {asked.data.value !== undefined && (
        <Panel title={countOf(methods.length, "method")} note="most urgent first">
          {methods.length === 0 ? (
            <Empty title="No method is declared." command="longrunning serve methods.ts">
              <p class="muted">Methods are declared with defineMethod, or by the descriptor of an RPC.</p>
            </Empty>
          ) : (
            <MethodTable
              methods={methods}
              range={range}
              statistics={session.value?.statistics !== false}
              old={asked.old.value}
            />
          )}
        </Panel>
      )}
    </>
  );
}
