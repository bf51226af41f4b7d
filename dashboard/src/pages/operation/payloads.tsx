import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useId } from "preact/hooks";
import { encodedName, readOnce } from "../../api.ts";
import { bytesText } from "../../format/number.ts";
import { shortId } from "../../format/name.ts";
import { CodeView } from "../../json/code-view.tsx";
import { sentenceOf } from "../../state/actions.ts";
import type { OperationRecord } from "../../wire.ts";

type Kind = "request" | "metadata" | "response" | "operation";

const TABS: readonly { readonly kind: Kind; readonly title: string; readonly none: string }[] = [
  { kind: "request", title: "Request", none: "The request is not stored." },
  { kind: "metadata", title: "Metadata", none: "The handler has not reported anything." },
  { kind: "response", title: "Response", none: "There is no response." },
  { kind: "operation", title: "As callers get it", none: "A payload is too large to be shown here." },
];

interface Payload {
  readonly json: string | undefined;
  readonly bytes: number;
}

function payloadOf(record: OperationRecord, kind: Kind): Payload {
  switch (kind) {
    case "request":
      return { json: record.requestJson, bytes: record.requestBytes ?? 0 };
    case "metadata":
      return { json: record.metadataJson, bytes: record.metadataBytes ?? 0 };
    case "response":
      return { json: record.responseJson, bytes: record.responseBytes ?? 0 };
    case "operation":
      return { json: record.operationJson, bytes: 0 };
  }
}

/** The request, the progress and the response, exactly as they are stored. */
export function Payloads({ name, record }: { name: string; record: OperationRecord }): JSX.Element {
  const id = useId();
  const kind = useSignal<Kind>("request");
  const tabs = TABS.map((tab) => tab.kind);
  const step = (by: number): void => {
    kind.value = tabs[(tabs.indexOf(kind.value) + by + tabs.length) % tabs.length] ?? "request";
    document.getElementById(`${id}-${kind.value}`)?.focus();
  };
  return (
    <section class="panel" aria-label="Payloads">
      <div
        class="tabs"
        role="tablist"
        aria-label="Payloads"
        onKeyDown={(event) => {
          if (event.key === "ArrowRight") step(1);
          if (event.key === "ArrowLeft") step(-1);
        }}
      >
        {TABS.map((tab) => (
          <button
            key={tab.kind}
            id={`${id}-${tab.kind}`}
            class="tab"
            type="button"
            role="tab"
            tabIndex={tab.kind === kind.value ? 0 : -1}
            aria-selected={tab.kind === kind.value}
            aria-controls={`${id}-panel`}
            onClick={() => (kind.value = tab.kind)}
          >
            {tab.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${kind.value}`}>
        <Shown key={kind.value} name={name} record={record} kind={kind.value} />
      </div>
    </section>
  );
}

function Shown(props: { name: string; record: OperationRecord; kind: Kind }): JSX.Element {
  const { name, record, kind } = props;
  const large = useSignal<string | undefined>(undefined);
  const problem = useSignal("");
  const { json, bytes } = payloadOf(record, kind);
  const text = json ?? large.value;
  if (text !== undefined) return <CodeView json={text} fileName={`${shortId(name).slice(1)}-${kind}.json`} />;
  if (bytes === 0) return <p class="note muted">{TABS.find((tab) => tab.kind === kind)?.none}</p>;
  const load = (): void => {
    readOnce<OperationRecord>(`${encodedName(name)}?payload=${kind}`).then(
      (answer) => (large.value = payloadOf(answer, kind).json),
      (error: unknown) => (problem.value = sentenceOf(error)),
    );
  };
  return (
    <div class="note">
      <p class="muted">It has {bytesText(bytes)}.</p>
      <button class="button" type="button" onClick={load}>
        Load it
      </button>
      {problem.value !== "" && (
        <p class="bad-text" role="alert">
          {problem.value}
        </p>
      )}
    </div>
  );
}
