import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { encodedName } from "../../api.ts";
import { nameParts, shortId } from "../../format/name.ts";
import { countOf } from "../../format/number.ts";
import { Confirm } from "../../parts/dialog.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { AgainIcon } from "../../parts/icons.tsx";
import { Empty, ErrorNote, Loading } from "../../parts/notes.tsx";
import { isDone, StateMark } from "../../parts/state-mark.tsx";
import { usePolled } from "../../poll.ts";
import { go, href, operationHref } from "../../route.ts";
import { cancelOperation, deleteOperation } from "../../state/actions.ts";
import { addKeys } from "../../state/keys.ts";
import { may } from "../../state/session.ts";
import { usePageTitle } from "../../state/title.ts";
import { neighbours, trail } from "../../state/trail.ts";
import type { OperationRecord } from "../../wire.ts";
import { Attempts } from "./attempts.tsx";
import { Facts } from "./facts.tsx";
import { Payloads } from "./payloads.tsx";
import { Progress } from "./progress.tsx";
import { Sentence } from "./sentence.tsx";
import { StartAgain } from "./start-again.tsx";
import { Terminal } from "./terminal.tsx";
import { WhatFailed, WhyItFailed } from "./why-it-failed.tsx";

const EVERY_MS = 2_000;
const DONE_MS = 30_000;

/** `#/operations/NAME`: one operation, down to the exception of each attempt. */
export function Operation({ name }: { name: string }): JSX.Element {
  const ended = useSignal(false);
  const asked = usePolled<OperationRecord>(encodedName(name), ended.value ? DONE_MS : EVERY_MS);
  const record = asked.data.value;
  const method = record?.row?.method ?? "";
  usePageTitle(`${method} ${shortId(name)}`.trim());
  useEffect(() => {
    ended.value = isDone(record?.row?.state);
  }, [record?.row?.state]);
  const asking = useSignal<"delete" | "again" | undefined>(undefined);
  const near = neighbours(name);
  useEffect(
    () =>
      addKeys(() => [
        { key: "j", what: "Older", run: () => near.older !== undefined && go(operationHref(near.older)) },
        { key: "k", what: "Newer", run: () => near.newer !== undefined && go(operationHref(near.newer)) },
        { key: "c", what: "Cancel", run: () => void (canCancel(record) && cancelOperation(name)) },
        { key: "s", what: "Start again", run: () => may("start") && (asking.value = "again") },
      ]),
    [near.older, near.newer, record],
  );
  const close = (): void => {
    asking.value = undefined;
  };
  const error = asked.error.value;
  return (
    <>
      <Head name={name} record={record} ask={(what) => (asking.value = what)} />
      {error !== undefined && <Refused error={error} again={asked.readNow} />}
      {record === undefined && error === undefined && <Loading />}
      {record !== undefined && (
        <div class="two">
          <div class="stack">
            {record.error !== undefined && <WhyItFailed record={record} />}
            {record.row?.state === "RUNNING" && <Progress record={record} />}
            <Attempts record={record} />
            {record.row?.state !== "FAILED" && <WhatFailed record={record} />}
            <Payloads name={name} record={record} />
          </div>
          <aside class="stack" aria-label="Facts and commands">
            <Facts record={record} />
            <Terminal record={record} />
          </aside>
        </div>
      )}
      {asking.value === "delete" && <Delete name={name} record={record} close={close} />}
      {asking.value === "again" && <StartAgain name={name} close={close} />}
    </>
  );
}

function canCancel(record: OperationRecord | undefined): boolean {
  return may("cancel") && record?.row?.state !== undefined && !isDone(record.row.state);
}

function Head(props: {
  name: string;
  record: OperationRecord | undefined;
  ask: (what: "delete" | "again") => void;
}): JSX.Element {
  const { name, record } = props;
  const { parent } = nameParts(name);
  const near = neighbours(name);
  const row = record?.row;
  const list = trail.value.names.includes(name) ? trail.value.address : href("operations");
  return (
    <div class="op-head">
      <p class="crumbs">
        <a href={list}>Operations</a>
        {parent !== "" && (
          <>
            {" / "}
            <a href={href("operations", { collection: parent })}>{parent}</a>
          </>
        )}
      </p>
      <div class="row">
        <h1>{row?.method ?? "Operation"}</h1>
        {row !== undefined && <StateMark state={row.state ?? ""} />}
        {record !== undefined && <Sentence record={record} />}
        <span class="grow" />
        <Actions {...props} />
      </div>
      <div class="row">
        <code class="name">
          <span class="text">{name}</span>
          <CopyButton short text={() => name} label="Copy the name" />
        </code>
        <span class="grow" />
        {near.newer !== undefined && (
          <a class="button quiet" href={operationHref(near.newer)}>
            Newer <kbd>k</kbd>
          </a>
        )}
        {near.older !== undefined && (
          <a class="button quiet" href={operationHref(near.older)}>
            Older <kbd>j</kbd>
          </a>
        )}
      </div>
    </div>
  );
}

/** Shows only the actions that the operator is allowed to take and that make sense now. */
function Actions(props: {
  name: string;
  record: OperationRecord | undefined;
  ask: (what: "delete" | "again") => void;
}): JSX.Element | null {
  const row = props.record?.row;
  if (row === undefined) return null;
  return (
    <span class="acts">
      {canCancel(props.record) && (
        <button
          class="button danger"
          type="button"
          disabled={row.cancelRequested === true}
          onClick={() => void cancelOperation(props.name)}
        >
          {row.cancelRequested === true ? "Cancelling" : "Cancel"}
        </button>
      )}
      {isDone(row.state) && may("start") && row.method?.startsWith("longrunning.") !== true && (
        <button class="button primary" type="button" onClick={() => props.ask("again")}>
          <AgainIcon />
          Start again…
        </button>
      )}
      {isDone(row.state) && may("delete") && (
        <button class="button danger" type="button" onClick={() => props.ask("delete")}>
          Delete
        </button>
      )}
    </span>
  );
}

function Delete(props: {
  name: string;
  record: OperationRecord | undefined;
  close: () => void;
}): JSX.Element {
  const busy = useSignal(false);
  const run = async (): Promise<void> => {
    busy.value = true;
    const deleted = await deleteOperation(props.name);
    busy.value = false;
    props.close();
    if (deleted) go(trail.value.address || href("operations"));
  };
  const attempts = props.record?.row?.attempt ?? 0;
  return (
    <Confirm
      title="Delete this operation?"
      yes="Delete"
      no="Keep"
      danger
      busy={busy.value}
      close={props.close}
      run={() => void run()}
    >
      <p>
        Its record is removed for good, with request, outcome and {countOf(attempts, "attempt")}. Callers get
        NOT_FOUND.
      </p>
    </Confirm>
  );
}

/** Says whether an operation that is not there ever existed. */
function Refused({
  error,
  again,
}: {
  error: Parameters<typeof ErrorNote>[0]["error"];
  again: () => void;
}): JSX.Element {
  if (error.reason === "OPERATION_EXPIRED") {
    return (
      <section class="panel">
        <Empty title="This operation has expired.">
          <p class="muted">
            It was kept for the time that its method sets, and then removed. Nothing of it is left.
          </p>
        </Empty>
      </section>
    );
  }
  if (error.reason === "OPERATION_NOT_FOUND" || error.reason === "NAME_INVALID") {
    return (
      <section class="panel">
        <Empty title="There is no such operation.">
          <p class="muted">It was deleted, or the name is of another service.</p>
        </Empty>
      </section>
    );
  }
  return (
    <section class="panel">
      <ErrorNote error={error} again={again} />
    </section>
  );
}
