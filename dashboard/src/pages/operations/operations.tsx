import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { millisecondsOf } from "../../format/duration.ts";
import { countOf } from "../../format/number.ts";
import { nameParts } from "../../format/name.ts";
import { Empty, ErrorNote, Loading } from "../../parts/notes.tsx";
import { StartDialog } from "../../parts/start-dialog.tsx";
import { usePolled } from "../../poll.ts";
import { go, href } from "../../route.ts";
import { cancelOperation, countOperations } from "../../state/actions.ts";
import { now, serverNow } from "../../state/clock.ts";
import { addKeys } from "../../state/keys.ts";
import { announce } from "../../state/notices.ts";
import { may, session } from "../../state/session.ts";
import { usePageTitle } from "../../state/title.ts";
import type { MethodState, MethodStates, OperationCount, OperationRow, Summary } from "../../wire.ts";
import { StartAgain } from "../operation/start-again.tsx";
import { BulkBar } from "./bulk-bar.tsx";
import { FilterField } from "./filter-field.tsx";
import { goNewer, goOlder, Pager } from "./pager.tsx";
import { currentQuestion, filterOf, type Question } from "./question.ts";
import { rowKeys } from "./row-keys.ts";
import { changed, Selects } from "./selects.tsx";
import { Table } from "./table.tsx";
import { type LiveList, useLiveList } from "./use-list.ts";
import { ViewTabs } from "./view-tabs.tsx";

const SUMMARY_MS = 5_000;
/** The run times of methods change slowly, and a day of statistics is expensive to add up. */
const USUAL_MS = 60_000;
const NEWS_SAID_MS = 10_000;

/** `#/operations`: any list of operations, and the actions on them. */
export function Operations(): JSX.Element {
  usePageTitle("Operations");
  const question = currentQuestion();
  const key = JSON.stringify({ ...question, view: question.view.id });
  const summary = usePolled<Summary>("summary", SUMMARY_MS);
  const methods = useMethods(summary.data.value?.methods);
  const usual = useMethods(usePolled<MethodStates>("methods?range=24h", USUAL_MS).data.value?.methods);
  const selected = useSignal<ReadonlySet<string>>(new Set());
  const starting = useSignal(false);
  const accepts = useAccepts(question, usual);
  const list = useLiveList(key, question, accepts, () => selected.peek().size > 0);
  useEffect(() => {
    selected.value = new Set();
  }, [key]);
  const again = useSignal<string | undefined>(undefined);
  const select = useSelect(list, selected);
  useEffect(
    () =>
      addKeys(() =>
        rowKeys({
          select: isSelectable() ? select : undefined,
          newer: goNewer,
          older: () => goOlder(list),
          cancel: may("cancel") ? (name) => void cancelOperation(name) : undefined,
          again: may("start") ? (name) => (again.value = name) : undefined,
        }),
      ),
    [list],
  );
  return (
    <>
      <div class="head">
        <h1>Operations</h1>
        <span class="grow" />
        {may("start") && (
          <button class="button primary" type="button" onClick={() => (starting.value = true)}>
            Start an operation
          </button>
        )}
      </div>
      <section class="panel" aria-label="Operations">
        <ViewTabs question={question} live={summary.data.value?.live} />
        <div class="filter">
          <FilterField
            text={question.text}
            methods={Array.from(methods.keys())}
            error={list.error.value}
            apply={(text) =>
              go(
                changed({
                  filter:
                    text === question.view.filter
                      ? undefined
                      : text || (question.view.filter === "" ? undefined : "{}"),
                }),
              )
            }
          />
          <Selects
            question={question}
            methods={Array.from(methods.keys())}
            collections={useCollections(list)}
          />
        </div>
        <Rows question={question} list={list} methods={methods} selected={selected} select={select} />
      </section>
      {starting.value && <StartDialog method={question.method} close={() => (starting.value = false)} />}
      {again.value !== undefined && <StartAgain name={again.value} close={() => (again.value = undefined)} />}
    </>
  );
}

function isSelectable(): boolean {
  return may("cancel") || may("delete") || may("start");
}

function useMethods(methods: readonly MethodState[] | undefined): ReadonlyMap<string, MethodState> {
  return useMemo(() => new Map((methods ?? []).map((each) => [each.method ?? "", each])), [methods]);
}

/**
 * Whether the view shows a row that the filter found; uses the newest statistics of the methods.
 */
function useAccepts(
  question: Question,
  methods: ReadonlyMap<string, MethodState>,
): (row: OperationRow) => boolean {
  const known = useRef(methods);
  known.current = methods;
  const slowMs = (method: string): number | undefined =>
    millisecondsOf(known.current.get(method)?.ended?.run?.p95);
  return (row) =>
    (question.worker === "" || row.worker === question.worker) &&
    (question.key === "" || row.key === question.key) &&
    (question.view.accepts?.(row, { now: serverNow(), slowMs }) ?? true);
}

/** Selects one row, or all rows from the last selected row to this one. */
function useSelect(
  list: LiveList,
  selected: { value: ReadonlySet<string> },
): (name: string, range: boolean) => void {
  const last = useRef("");
  return (name, range) => {
    const names = list.list.value.shown.map(({ row }) => row.name ?? "");
    const from = names.indexOf(last.current);
    const to = names.indexOf(name);
    const next = new Set(selected.value);
    if (range && from !== -1)
      for (const each of names.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(each);
    else if (!next.delete(name)) next.add(name);
    last.current = name;
    selected.value = next;
  };
}

/** The collections of the rows that were read: people rarely type a whole one. */
function useCollections(list: LiveList): readonly string[] {
  const seen = useRef(new Set<string>());
  for (const { row } of list.list.value.shown) {
    const { parent } = nameParts(row.name ?? "");
    if (parent !== "") seen.current.add(parent);
  }
  return Array.from(seen.current).toSorted().slice(0, 100);
}

function Rows(props: {
  question: Question;
  list: LiveList;
  methods: ReadonlyMap<string, MethodState>;
  selected: { value: ReadonlySet<string>; peek: () => ReadonlySet<string> } & Parameters<
    typeof Table
  >[0]["selected"];
  select: (name: string, range: boolean) => void;
}): JSX.Element {
  const { list, question, selected } = props;
  const { shown, newer, newerMore } = list.list.value;
  const count = useSignal<OperationCount | undefined>(undefined);
  const rows = shown.map(({ row }) => row);
  useEffect(() => {
    count.value = undefined;
  }, [filterOf(question), question.collection, question.method]);
  const countAll = async (): Promise<void> => {
    const { collection, method } = question;
    count.value = await countOperations({ collection, method, filter: filterOf(question) }).catch(
      () => undefined,
    );
  };
  const toggleAll = (): void => {
    const names = rows.map((row) => row.name ?? "");
    selected.value = selected.value.size === names.length ? new Set() : new Set(names);
  };
  const isExact = question.view.accepts === undefined && question.worker === "" && question.key === "";
  const error = list.error.value;
  return (
    <>
      {error !== undefined && error.reason !== "FILTER_INVALID" && (
        <ErrorNote error={error} again={list.show} />
      )}
      <div class="table-box">
        {selected.value.size > 0 && (
          <BulkBar
            question={question}
            rows={rows}
            selected={selected}
            count={count.value}
            countAll={isExact ? () => void countAll() : undefined}
          />
        )}
        {newer > 0 && <News newer={newer} more={newerMore} show={list.show} />}
        {shown.length > 0 ? (
          <Table
            rows={shown}
            methods={props.methods}
            selected={selected}
            selectable={isSelectable()}
            select={props.select}
            toggleAll={toggleAll}
            ended={
              question.view.id === "failed" || question.ended !== "" || question.order.startsWith("endTime")
            }
            old={list.old.value}
          />
        ) : (
          <None list={list} question={question} />
        )}
      </div>
      <Pager list={list} />
    </>
  );
}

let newsSaid = 0;

/** Announces newer rows without inserting them. */
function News(props: { newer: number; more: boolean; show: () => void }): JSX.Element {
  const text = `${countOf(props.newer, "newer operation").replace(" ", props.more ? "+ " : " ")} match${props.newer === 1 ? "es" : ""}.`;
  useEffect(() => {
    if (now.value - newsSaid < NEWS_SAID_MS) return;
    newsSaid = now.value;
    announce(text);
  }, [text]);
  return (
    <div class="news">
      <button class="link" type="button" onClick={props.show}>
        {text} Show them
      </button>
    </div>
  );
}

function None({ list, question }: { list: LiveList; question: Question }): JSX.Element | null {
  const reach = list.reach.value;
  if (list.old.value || reach === undefined) return list.error.value === undefined ? <Loading /> : null;
  if (reach.next !== "") {
    return (
      <Empty title={`None among these ${countOf(reach.lookedAt, "operation")}.`}>
        <p class="muted">There are older ones, which were not looked at.</p>
      </Empty>
    );
  }
  const isAll = filterOf(question) === "" && question.collection === "" && question.method === "";
  if (!isAll) {
    return (
      <Empty title="No operation matches.">
        <p>
          <a href={href("operations")}>Show all operations</a>
        </p>
      </Empty>
    );
  }
  const server = session.value?.publicUrl ?? "";
  return (
    <Empty
      title="No operation yet."
      command={`longrunning start METHOD${server === "" ? "" : ` --server ${server}`}`}
    >
      <p class="muted">What callers start stands here, newest first.</p>
    </Empty>
  );
}
