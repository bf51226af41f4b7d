import type { ComponentChildren, JSX } from "preact";
import type { ApiError } from "../api.ts";
import { CopyLine } from "./copy.tsx";

/** Shown in an empty place: what will appear here, and a command that starts it. */
export function Empty(props: { title: string; command?: string; children?: ComponentChildren }): JSX.Element {
  return (
    <div class="empty">
      <p>
        <strong>{props.title}</strong>
      </p>
      {props.children}
      {props.command !== undefined && (
        <div class="cli">
          <CopyLine text={props.command} />
        </div>
      )}
    </div>
  );
}

/** Why a read failed, in the server's words. */
export function ErrorNote({ error, again }: { error: ApiError; again: () => void }): JSX.Element {
  return (
    <div class="error-note" role="alert">
      <p>
        <strong class="text">{error.message}</strong>
      </p>
      <p class="muted">
        <code>{error.code}</code> {error.reason !== "" && <code>{error.reason}</code>}
      </p>
      <button class="button" type="button" onClick={again}>
        Try again
      </button>
    </div>
  );
}

/** Shown before the first answer; visible only after a moment. */
export function Loading(): JSX.Element {
  return <p class="loading-note muted">Reading…</p>;
}
