import { type Signal, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { encodedName, post, readOnce, remove } from "../../api.ts";
import { countOf, countText } from "../../format/number.ts";
import { shortId } from "../../format/name.ts";
import { Confirm } from "../../parts/dialog.tsx";
import { AgainIcon } from "../../parts/icons.tsx";
import { isDone } from "../../parts/state-mark.tsx";
import { forEach, randomText, startOperation } from "../../state/actions.ts";
import { may } from "../../state/session.ts";
import type { OperationCount, OperationRecord, OperationRow } from "../../wire.ts";
import { BulkDialog, type BulkAction } from "./bulk-dialog.tsx";
import type { Question } from "./question.ts";
import { nameParts } from "../../format/name.ts";

type Action = "cancel" | "delete" | "startAgain";

/** The actions on the selected operations, or on all operations that match. */
export function BulkBar(props: {
  question: Question;
  rows: readonly OperationRow[];
  selected: Signal<ReadonlySet<string>>;
  /**
   * The number of matching operations, if it was counted; undefined if "all that match" is not
   * available.
   */
  count: OperationCount | undefined;
  countAll: (() => void) | undefined;
}): JSX.Element {
  const chosen = props.rows.filter((row) => props.selected.value.has(row.name ?? ""));
  const all = useSignal(false);
  const asking = useSignal<Action | undefined>(undefined);
  const clear = (): void => {
    all.value = false;
    props.selected.value = new Set();
  };
  const some = (test: (row: OperationRow) => boolean): boolean => all.value || chosen.some(test);
  return (
    <div class="bulk" role="group" aria-label="Selection">
      <strong>
        {all.value ? `All ${matchText(props.count)} selected` : `${countText(chosen.length)} selected`}
      </strong>
      {!all.value && may("bulk") && <SelectAll {...props} choose={() => (all.value = true)} />}
      <span class="grow" />
      {may("start") && some((row) => isDone(row.state)) && (
        <button class="button" type="button" onClick={() => (asking.value = "startAgain")}>
          <AgainIcon />
          Start again
        </button>
      )}
      {may("cancel") && some((row) => !isDone(row.state)) && (
        <button class="button" type="button" onClick={() => (asking.value = "cancel")}>
          Cancel
        </button>
      )}
      {may("delete") && (
        <button class="button danger" type="button" onClick={() => (asking.value = "delete")}>
          Delete
        </button>
      )}
      <button class="button quiet" type="button" onClick={clear}>
        Clear
      </button>
      {asking.value !== undefined && all.value && props.count !== undefined && (
        <BulkDialog
          action={asking.value satisfies BulkAction}
          question={props.question}
          close={() => (asking.value = undefined)}
          done={clear}
        />
      )}
      {asking.value !== undefined && !all.value && (
        <SelectedDialog
          action={asking.value}
          rows={chosen}
          close={() => (asking.value = undefined)}
          done={clear}
        />
      )}
    </div>
  );
}

function matchText(count: OperationCount | undefined): string {
  if (count === undefined) return "";
  return count.complete === true ? countText(count.count ?? 0) : `(at least ${countText(count.count ?? 0)})`;
}

/** Counts only on request, and says when the count is incomplete. */
function SelectAll(props: {
  count: OperationCount | undefined;
  countAll: (() => void) | undefined;
  choose: () => void;
}): JSX.Element | null {
  const { count } = props;
  if (props.countAll === undefined) return null;
  if (count === undefined) {
    return (
      <button class="button quiet" type="button" onClick={props.countAll}>
        Select all that match
      </button>
    );
  }
  const text =
    count.complete === true
      ? `Select all ${countText(count.count ?? 0)} that match`
      : `Select all that match (at least ${countText(count.count ?? 0)})`;
  return (
    <button class="button quiet" type="button" onClick={props.choose}>
      {text}
    </button>
  );
}

const QUESTIONS: Readonly<Record<Action, { yes: string; done: string; say: string }>> = {
  cancel: {
    yes: "Cancel them",
    done: "asked to cancel",
    say: "Handlers are asked to stop. Finished operations are skipped.",
  },
  delete: {
    yes: "Delete",
    done: "deleted",
    say: "Their records are removed for good: callers get NOT_FOUND. Running handlers are not stopped.",
  },
  startAgain: {
    yes: "Start again",
    done: "started again",
    say: "A new operation starts for each, with the same request. Unfinished operations are skipped.",
  },
};

/** Asks for confirmation before an action on the rows that were selected by hand. */
function SelectedDialog(props: {
  action: Action;
  rows: readonly OperationRow[];
  close: () => void;
  done: () => void;
}): JSX.Element {
  const busy = useSignal(false);
  const { action } = props;
  const question = QUESTIONS[action];
  const rows = props.rows.filter(
    (row) => action === "delete" || isDone(row.state) === (action === "startAgain"),
  );
  const run = async (): Promise<void> => {
    busy.value = true;
    const names = rows.map((row) => row.name ?? "");
    await forEach(names, question.done, (name) => ACTS[action](name));
    props.close();
    props.done();
  };
  return (
    <Confirm
      title={`${question.yes}: ${countOf(rows.length, "operation")}?`}
      yes={question.yes}
      no="Keep"
      danger={action !== "startAgain"}
      busy={busy.value}
      close={props.close}
      run={() => void run()}
    >
      <p>{question.say}</p>
      <ul class="examples">
        {rows.slice(0, 5).map((row) => (
          <li key={row.name}>
            {row.method} <span class="mono muted">{shortId(row.name ?? "")}</span>
          </li>
        ))}
        {rows.length > 5 && <li class="muted">and {countText(rows.length - 5)} more</li>}
      </ul>
    </Confirm>
  );
}

const ACTS: Readonly<Record<Action, (name: string) => Promise<unknown>>> = {
  cancel: (name) => post(`${encodedName(name)}:cancel`, {}),
  delete: (name) => remove(encodedName(name)),
  startAgain: async (name) => {
    const record = await readOnce<OperationRecord>(`${encodedName(name)}?payload=request`);
    const { parent, id } = nameParts(name);
    return await startOperation({
      method: record.row?.method ?? "",
      parent,
      requestJson: record.requestJson ?? "{}",
      requestId: `again/${id}/${randomText()}`,
      priority: record.row?.priority ?? 0,
    });
  },
};
