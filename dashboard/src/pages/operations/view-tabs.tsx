import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { countedText } from "../../format/number.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { CloseIcon } from "../../parts/icons.tsx";
import { go, href, route } from "../../route.ts";
import type { LiveCounts } from "../../wire.ts";
import type { Question } from "./question.ts";
import { removeView, savedViews, savedViewsProblem, saveView, VIEWS } from "./views.ts";

/** The number of operations of a view, if it is known without a read. */
function countOf(view: string, live: LiveCounts | undefined): string {
  if (live === undefined) return "";
  if (view === "running") return countedText(live.running, live.runningMore);
  if (view === "waiting") return countedText(live.waiting, live.waitingMore);
  if (view === "blocked" && (live.blocked ?? 0) > 0) return countedText(live.blocked, live.blockedMore);
  if (view !== "notdone") return "";
  const sum = (live.running ?? 0) + (live.waiting ?? 0) + (live.blocked ?? 0) + (live.delayed ?? 0);
  return countedText(
    sum,
    live.runningMore === true || live.waitingMore === true || live.blockedMore === true,
  );
}

const IN_VIEW = ["filter", "collection", "method", "ended", "order", "worker", "key"];

/** The part of the address that a saved view keeps. */
function queryToKeep(): string {
  const kept = new URLSearchParams();
  const { query } = route.value;
  for (const name of ["view", ...IN_VIEW]) {
    const value = query.get(name);
    if (value !== null) kept.set(name, value);
  }
  return kept.toString();
}

function savedHref(query: string): string {
  return href("operations", Object.fromEntries(new URLSearchParams(query)));
}

/** The predefined views, and the views that the operator saved. */
export function ViewTabs(props: { question: Question; live: LiveCounts | undefined }): JSX.Element {
  const naming = useSignal(false);
  const here = queryToKeep();
  const saved = savedViews.value.find((view) => view.query === here);
  const { collection, method } = props.question;
  return (
    <nav class="views" aria-label="Views">
      {VIEWS.map((view) => {
        const count = countOf(view.id, props.live);
        return (
          <a
            key={view.id}
            href={href("operations", { view: view.id === "all" ? undefined : view.id, collection, method })}
            aria-current={saved === undefined && view === props.question.view ? "true" : undefined}
          >
            {view.title} {count !== "" && <small>{count}</small>}
          </a>
        );
      })}
      {savedViews.value.map((view) => (
        <span key={view.title} class="own-view">
          <a href={savedHref(view.query)} aria-current={view === saved ? "true" : undefined}>
            {view.title}
          </a>
          {view === saved && (
            <button
              type="button"
              aria-label={`Remove the view ${view.title}`}
              onClick={() => removeView(view.title)}
            >
              <CloseIcon />
            </button>
          )}
        </span>
      ))}
      {saved === undefined && here !== "" && (
        <button class="tab muted" type="button" onClick={() => (naming.value = true)}>
          Save view
        </button>
      )}
      {naming.value && <NameDialog query={here} close={() => (naming.value = false)} />}
    </nav>
  );
}

function NameDialog({ query, close }: { query: string; close: () => void }): JSX.Element {
  const title = useSignal("");
  return (
    <Dialog title="Save this view" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (title.value.trim() === "" || !saveView({ title: title.value.trim(), query })) return;
          close();
          go(savedHref(query));
        }}
      >
        <label class="line">
          <span>Name</span>
          <input
            type="text"
            maxLength={40}
            autofocus
            value={title.value}
            onInput={(event) => (title.value = event.currentTarget.value)}
          />
        </label>
        {savedViewsProblem.value !== "" && (
          <p class="bad-text" role="alert">
            {savedViewsProblem.value}
          </p>
        )}
        <p class="muted">It is kept in this browser. Its address can be sent to others.</p>
        <div class="buttons">
          <button class="button" type="button" onClick={close}>
            Not now
          </button>
          <button class="button primary" type="submit">
            Save
          </button>
        </div>
      </form>
    </Dialog>
  );
}
