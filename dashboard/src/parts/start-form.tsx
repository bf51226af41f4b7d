import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { ApiError, type Violation } from "../api.ts";
import { go, operationHref } from "../route.ts";
import { sentenceOf, startOperation } from "../state/actions.ts";
import { tell } from "../state/notices.ts";
import type { StartRequest } from "../wire.ts";

const TYPING_MS = 300;

interface Draft {
  readonly method: string;
  readonly parent: string;
  readonly priority: number;
  readonly requestJson: string;
}

/** The errors of a draft. */
interface Verdict {
  readonly message: string;
  readonly violations: readonly Violation[];
}

/**
 * The editor of a request. While the operator types, the server validates the request without
 * starting anything.
 */
export function StartForm(props: {
  initial: Draft;
  /** The same for each press of the button, so that the operation starts only once. */
  requestId: string;
  yes: string;
  close: () => void;
}): JSX.Element {
  // The value when the form was opened: it identifies the start.
  const [requestId] = useState(props.requestId);
  const draft = useSignal(props.initial);
  const delay = useSignal("");
  const verdict = useSignal<Verdict | undefined>(undefined);
  const busy = useSignal(false);
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => field.current?.focus(), []);
  const request = (): StartRequest => ({
    ...draft.value,
    requestId,
    ...(delay.value.trim() === "" ? {} : { delay: `${Number(delay.value)}s` }),
  });
  useEffect(() => {
    const asking = new AbortController();
    const timer = setTimeout(() => void check(request(), asking.signal, verdict), TYPING_MS);
    return () => {
      clearTimeout(timer);
      asking.abort();
    };
  }, [draft.value, delay.value]);
  const start = async (): Promise<void> => {
    if (busy.value) return;
    busy.value = true;
    try {
      const name = await startOperation(request());
      tell("Started.");
      props.close();
      go(operationHref(name));
    } catch (error) {
      verdict.value = verdictOf(error);
      busy.value = false;
    }
  };
  return (
    <form
      class="start-form"
      onSubmit={(event) => {
        event.preventDefault();
        void start();
      }}
    >
      <textarea
        aria-label="Request"
        rows={rowsFor(props.initial.requestJson)}
        spellcheck={false}
        ref={field}
        aria-invalid={verdict.value !== undefined}
        aria-describedby={`${id}-verdict`}
        value={draft.value.requestJson}
        onInput={(event) => (draft.value = { ...draft.value, requestJson: event.currentTarget.value })}
      />
      <Findings id={`${id}-verdict`} verdict={verdict.value} />
      <Where draft={draft} delay={delay} />
      <div class="buttons">
        <button class="button" type="button" onClick={props.close}>
          Not now
        </button>
        <button class="button primary" type="submit" disabled={busy.value}>
          {props.yes}
        </button>
      </div>
    </form>
  );
}

/** As many lines as the initial request has, within limits. */
function rowsFor(text: string): number {
  return Math.min(18, Math.max(6, text.split("\n").length + 1));
}

/** The parent and the time of the start. */
function Where(props: { draft: { value: Draft }; delay: { value: string } }): JSX.Element {
  const { draft, delay } = props;
  return (
    <div class="form-row">
      <label class="line">
        <span>Collection</span>
        <input
          type="text"
          placeholder="None"
          spellcheck={false}
          value={draft.value.parent}
          onInput={(event) => (draft.value = { ...draft.value, parent: event.currentTarget.value.trim() })}
        />
      </label>
      <label class="line short-field">
        <span>Priority, 0 to 9</span>
        <input
          type="number"
          min={0}
          max={9}
          value={draft.value.priority}
          onInput={(event) => (draft.value = { ...draft.value, priority: Number(event.currentTarget.value) })}
        />
      </label>
      <label class="line short-field">
        <span>Begin after, s</span>
        <input
          type="number"
          min={0}
          placeholder="0"
          value={delay.value}
          onInput={(event) => (delay.value = event.currentTarget.value)}
        />
      </label>
    </div>
  );
}

function Findings({ id, verdict }: { id: string; verdict: Verdict | undefined }): JSX.Element {
  return (
    <div class="findings" id={id} role="status">
      {verdict !== undefined && (
        <p class="bad-text text">
          {verdict.violations.length === 0 ? verdict.message : "The request cannot be started:"}
        </p>
      )}
      {verdict !== undefined && verdict.violations.length > 0 && (
        <ul>
          {verdict.violations.map((violation) => (
            <li key={`${violation.field} ${violation.description}`}>
              <code>{violation.field}</code> <span class="text">{violation.description}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function verdictOf(error: unknown): Verdict {
  return { message: sentenceOf(error), violations: error instanceof ApiError ? error.violations : [] };
}

async function check(
  request: StartRequest,
  signal: AbortSignal,
  verdict: { value: Verdict | undefined },
): Promise<void> {
  try {
    await startOperation({ ...request, validateOnly: true }, signal);
    if (!signal.aborted) verdict.value = undefined;
  } catch (error) {
    // Without an answer, no error is known.
    if (!signal.aborted && error instanceof ApiError) verdict.value = verdictOf(error);
  }
}
