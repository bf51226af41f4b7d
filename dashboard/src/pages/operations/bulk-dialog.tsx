import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { countText } from "../../format/number.ts";
import { shortId } from "../../format/name.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Loading } from "../../parts/notes.tsx";
import { Time } from "../../parts/time.tsx";
import { countOperations, randomText, sentenceOf, startBulk } from "../../state/actions.ts";
import type { OperationCount } from "../../wire.ts";
import { filterOf, type Question, sinceOf } from "./question.ts";

export type BulkAction = "cancel" | "delete" | "startAgain";

const TITLES: Readonly<Record<BulkAction, string>> = {
  cancel: "Cancel all that match?",
  delete: "Delete all that match?",
  startAgain: "Start again all that match?",
};
const YES: Readonly<Record<BulkAction, string>> = {
  cancel: "Cancel them",
  delete: "Delete them",
  startAgain: "Start them again",
};
/** From this number on, the operator has to type the number to confirm. */
const TYPED_FROM = 101;

/**
 * Counts the operations and fixes the filter before it asks for confirmation: the server gets
 * exactly the request that the dialog describes.
 */
export function BulkDialog(props: {
  action: BulkAction;
  question: Question;
  close: () => void;
  done: () => void;
}): JSX.Element {
  const { action, question } = props;
  const counted = useSignal<OperationCount | undefined>(undefined);
  const problem = useSignal("");
  const frozen = useSignal({
    filter: filterOf(question, sinceOf(question)),
    requestId: `bulk/${randomText()}`,
  });
  useEffect(() => {
    const { collection, method } = question;
    countOperations({ collection, method, filter: frozen.value.filter }).then(
      (count) => (counted.value = count),
      (error: unknown) => (problem.value = sentenceOf(error)),
    );
  }, []);
  const count = counted.value;
  return (
    <Dialog title={TITLES[action]} close={props.close} wide>
      {count === undefined && problem.value === "" && <Loading />}
      {count !== undefined && (
        <>
          <Frozen question={question} filter={frozen.value.filter} count={count} />
          <Skipped action={action} count={count} />
          <Examples count={count} />
          <Decide {...props} count={count} frozen={frozen.value} problem={problem} />
        </>
      )}
      {problem.value !== "" && (
        <p class="bad-text" role="alert">
          {problem.value}
        </p>
      )}
      {count === undefined && (
        <div class="buttons">
          <button class="button" type="button" autofocus onClick={props.close}>
            Keep
          </button>
        </div>
      )}
    </Dialog>
  );
}

/** The selection, in the words that the server gets. */
function Frozen(props: { question: Question; filter: string; count: OperationCount }): JSX.Element {
  const { question, count } = props;
  return (
    <dl class="facts">
      <dt>Operations</dt>
      <dd>
        <strong>
          {count.complete === true ? countText(count.count ?? 0) : `at least ${countText(count.count ?? 0)}`}
        </strong>
      </dd>
      <dt>Filter</dt>
      <dd>
        <code>{props.filter === "" ? "none: everything" : props.filter}</code>
      </dd>
      <dt>Collection</dt>
      <dd>{question.collection === "" ? "All" : <code>{question.collection}</code>}</dd>
      {question.method !== "" && (
        <>
          <dt>Method</dt>
          <dd>{question.method}</dd>
        </>
      )}
      <dt>Not after</dt>
      <dd>
        <Time at={count.notAfter} precision="milliseconds" />
        <span class="muted"> – operations that start later are not affected</span>
      </dd>
    </dl>
  );
}

function Skipped(props: { action: BulkAction; count: OperationCount }): JSX.Element | null {
  const done = props.count.done ?? 0;
  const rest = (props.count.count ?? 0) - done;
  if (props.action === "cancel" && done > 0) {
    return (
      <p class="muted">
        {countText(done)} of them are done and are skipped: done operations cannot be cancelled.
      </p>
    );
  }
  if (props.action === "startAgain" && rest > 0) {
    return <p class="muted">{countText(rest)} of them are not done and are skipped.</p>;
  }
  if (props.action === "delete") {
    return (
      <p class="muted">
        Records are removed for good: callers get NOT_FOUND. Running handlers are not stopped.
      </p>
    );
  }
  return null;
}

function Examples({ count }: { count: OperationCount }): JSX.Element {
  return (
    <ul class="examples">
      {(count.examples ?? []).map((row) => (
        <li key={row.name}>
          {row.method} <span class="mono muted">{shortId(row.name ?? "")}</span>
        </li>
      ))}
    </ul>
  );
}

function Decide(props: {
  action: BulkAction;
  question: Question;
  count: OperationCount;
  frozen: { readonly filter: string; readonly requestId: string };
  problem: { value: string };
  close: () => void;
  done: () => void;
}): JSX.Element {
  const typed = useSignal("");
  const busy = useSignal(false);
  const total = props.count.count ?? 0;
  const wanted = total >= TYPED_FROM ? String(total) : "";
  const run = async (): Promise<void> => {
    busy.value = true;
    try {
      await startBulk({
        action: props.action,
        collection: props.question.collection,
        method: props.question.method,
        filter: props.frozen.filter,
        ...(props.count.notAfter === undefined ? {} : { notAfter: props.count.notAfter }),
        expected: props.count.complete === true ? total : 0,
        requestId: props.frozen.requestId,
      });
      props.close();
      props.done();
    } catch (error) {
      props.problem.value = sentenceOf(error);
      busy.value = false;
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy.value && typed.value.replace(/\D/g, "") === wanted) void run();
      }}
    >
      {wanted !== "" && (
        <label class="line">
          <span>Type {countText(total)} to continue</span>
          <input
            type="text"
            inputMode="numeric"
            value={typed.value}
            onInput={(event) => (typed.value = event.currentTarget.value)}
          />
        </label>
      )}
      <div class="buttons">
        <button class="button" type="button" autofocus onClick={props.close}>
          Keep
        </button>
        <button
          class={`button ${props.action === "startAgain" ? "primary" : "danger"}`}
          type="submit"
          disabled={busy.value || typed.value.replace(/\D/g, "") !== wanted || total === 0}
        >
          {YES[props.action]}
        </button>
      </div>
    </form>
  );
}
