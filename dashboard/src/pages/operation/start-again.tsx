import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { encodedName, readOnce } from "../../api.ts";
import { nameParts } from "../../format/name.ts";
import { indented } from "../../json/lines.ts";
import { Dialog } from "../../parts/dialog.tsx";
import { Loading } from "../../parts/notes.tsx";
import { StartForm } from "../../parts/start-form.tsx";
import { randomText, sentenceOf } from "../../state/actions.ts";
import type { OperationRecord } from "../../wire.ts";

/**
 * Starts a new operation with the request of an old one. The operator may edit the request first;
 * the old operation does not change.
 */
export function StartAgain(props: { name: string; close: () => void }): JSX.Element {
  const record = useSignal<OperationRecord | undefined>(undefined);
  const problem = useSignal("");
  useEffect(() => {
    readOnce<OperationRecord>(`${encodedName(props.name)}?payload=request`).then(
      (answer) => (record.value = answer),
      (error: unknown) => (problem.value = sentenceOf(error)),
    );
  }, []);
  const { parent, id } = nameParts(props.name);
  const row = record.value?.row;
  return (
    <Dialog title={`Start ${row?.method ?? "it"} again`} close={props.close} wide>
      <p class="muted">A new operation starts; this one stays as it is.</p>
      {problem.value !== "" && (
        <p class="bad-text" role="alert">
          {problem.value}
        </p>
      )}
      {record.value === undefined && problem.value === "" && <Loading />}
      {row !== undefined && (
        <StartForm
          initial={{
            method: row.method ?? "",
            parent,
            priority: row.priority ?? 0,
            requestJson: indented(record.value?.requestJson ?? "{}"),
          }}
          requestId={`again/${id}/${randomText()}`}
          yes="Start again"
          close={props.close}
        />
      )}
    </Dialog>
  );
}
