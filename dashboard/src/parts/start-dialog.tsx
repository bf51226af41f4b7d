import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { readOnce } from "../api.ts";
import { randomText } from "../state/actions.ts";
import type { MethodDetail, MethodStates } from "../wire.ts";
import { Dialog } from "./dialog.tsx";
import { Loading } from "./notes.tsx";
import { Select } from "./select.tsx";
import { StartForm } from "./start-form.tsx";

/** Names of the methods that can be started here; empty if the server does not say. */
async function declaredMethods(): Promise<readonly string[]> {
  const answer = await readOnce<MethodStates>("methods").catch((): MethodStates => ({}));
  const declared = (answer.methods ?? []).filter((each) => each.declared === true && each.builtIn !== true);
  return declared.map((each) => each.method ?? "").toSorted();
}

async function detailOf(method: string): Promise<MethodDetail> {
  return await readOnce<MethodDetail>(`methods/${encodeURIComponent(method)}`).catch(
    (): MethodDetail => ({}),
  );
}

/** Starts an operation of a method. The request is prefilled with an example. */
export function StartDialog(props: { method: string; close: () => void }): JSX.Element {
  const methods = useSignal<readonly string[] | undefined>(undefined);
  const method = useSignal(props.method);
  const example = useSignal<string | undefined>(undefined);
  const description = useSignal("");
  useEffect(() => {
    void declaredMethods().then((names) => {
      methods.value = names;
      if (method.value === "") method.value = names[0] ?? "";
      return names;
    });
  }, []);
  useEffect(() => {
    const wanted = method.value;
    example.value = undefined;
    if (wanted === "") return;
    void detailOf(wanted).then((detail) => {
      if (method.value !== wanted) return detail;
      example.value = JSON.stringify(detail.requestExample ?? {}, null, 2);
      description.value = detail.state?.description ?? "";
      return detail;
    });
  }, [method.value]);
  return (
    <Dialog title="Start an operation" close={props.close} wide>
      {methods.value === undefined ? (
        <Loading />
      ) : (
        <div class="form-row">
          <Select
            label="Method"
            value={method.value}
            options={methods.value.map((value) => ({ value, title: value }))}
            change={(value) => (method.value = value)}
          />
          <span class="muted text">{description.value}</span>
        </div>
      )}
      {methods.value?.length === 0 && <p>This server declares no method.</p>}
      {example.value !== undefined && (
        <StartForm
          key={method.value}
          initial={{ method: method.value, parent: "", priority: 0, requestJson: example.value }}
          requestId={`page/${randomText()}`}
          yes="Start"
          close={props.close}
        />
      )}
    </Dialog>
  );
}
