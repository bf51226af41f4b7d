import type { ComponentChildren, JSX } from "preact";

/** The states of an operation, as the API writes them. */
export type StateName = "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";

const SHAPES: Readonly<Record<StateName, () => JSX.Element>> = {
  PENDING: () => (
    <circle
      cx="8"
      cy="8"
      r="5.5"
      fill="none"
      stroke="currentColor"
      stroke-width="1.75"
      stroke-dasharray="2.6 2.2"
    />
  ),
  RUNNING: () => (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.75" opacity=".35" />
      <path
        class="spin"
        d="M8 2a6 6 0 0 1 6 6"
        fill="none"
        stroke="currentColor"
        stroke-width="2.25"
        stroke-linecap="round"
      />
    </>
  ),
  SUCCEEDED: () => (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path
        class="cut"
        d="M4.8 8.3l2.2 2.2 4.2-4.6"
        fill="none"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </>
  ),
  FAILED: () => (
    <>
      <path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" />
      <path class="cut" d="M5.5 5.5l5 5m0-5l-5 5" stroke-width="1.8" stroke-linecap="round" />
    </>
  ),
  CANCELLED: () => (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.75" />
      <path d="M3.8 12.2l8.4-8.4" stroke="currentColor" stroke-width="1.75" />
    </>
  ),
};

const WORDS: Readonly<Record<StateName, string>> = {
  PENDING: "Pending",
  RUNNING: "Running",
  SUCCEEDED: "Succeeded",
  FAILED: "Failed",
  CANCELLED: "Cancelled",
};

function isState(text: string | undefined): text is StateName {
  return text !== undefined && Object.hasOwn(WORDS, text);
}

/** The word for a state; an unknown state of a newer server is shown as it is. */
function stateWord(state: string): string {
  return isState(state) ? WORDS[state] : state;
}

/** Whether an operation in this state has ended for good. */
export function isDone(state: string | undefined): boolean {
  return state === "SUCCEEDED" || state === "FAILED" || state === "CANCELLED";
}

/** A state: a shape first, a colour second, and always a word. */
export function StateMark({ state, children }: { state: string; children?: ComponentChildren }): JSX.Element {
  const known = isState(state) ? state : "PENDING";
  const Shape = SHAPES[known];
  return (
    <span class={`state ${known.toLowerCase()}`}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <Shape />
      </svg>
      {children ?? stateWord(state)}
    </span>
  );
}
