import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { countOf, countText } from "../format/number.ts";
import { MethodTable } from "../parts/method-table.tsx";
import { Empty, ErrorNote, Loading } from "../parts/notes.tsx";
import { Panel } from "../parts/panel.tsx";
import { currentRange, RangeChoice } from "../parts/ranges.tsx";
import { usePolled } from "../poll.ts";
import { goInstead, hrefWith, queryValue } from "../route.ts";
import { session } from "../state/session.ts";
import { usePageTitle } from "../state/title.ts";
import type { MethodStates } from "../wire.ts";

const EVERY_MS = 5_000;
/**
 * The number of rows at first, and of rows that each step adds: a service may have a thousand
 * methods.
 */
const SHOWN = 50;

/** `#/methods`: all methods, most urgent first. */
export function Methods(): JSX.Element {
  usePageTitle("Methods");
  const range = currentRange();
  const asked = usePolled<MethodStates>(`methods?range=${range.value}`, EVERY_MS);
  const text = queryValue("name");
  const all = asked.data.value?.methods ?? [];
  const methods = all.filter(({ method = "" }) => method.toLowerCase().includes(text.toLowerCase()));
  const shown = useSignal(SHOWN);
  const left = methods.length - shown.value;
  const error = asked.error.value;
  return (
    <>
      <div class="head">
        <h1>Methods</h1>
        <span class="grow" />
        {(all.length > SHOWN || text !== "") && <Find text={text} />}
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
          {all.length === 0 ? (
            <Empty title="No method is declared." command="longrunning serve methods.ts">
              <p class="muted">Methods are declared with defineMethod, or by the descriptor of an RPC.</p>
            </Empty>
          ) : (
            <MethodTable
              methods={methods.slice(0, shown.value)}
              range={range}
              statistics={session.value?.statistics !== false}
              old={asked.old.value}
            />
          )}
          {left > 0 && (
            <div class="pager">
              <span>
                {countText(shown.value)} of {countText(methods.length)}
              </span>
              <span class="grow" />
              <button class="button" type="button" onClick={() => (shown.value += SHOWN)}>
                Show {countText(Math.min(SHOWN, left))} more
              </button>
            </div>
          )}
        </Panel>
      )}
    </>
  );
}

/** Filters the table by a text in the name. */
function Find({ text }: { text: string }): JSX.Element {
  return (
    <label class="select">
      <span class="muted">Name</span>
      <input
        type="text"
        placeholder="All"
        value={text}
        spellcheck={false}
        onInput={(event) => goInstead(hrefWith({ name: event.currentTarget.value.trim() }))}
      />
    </label>
  );
}
