import type { ComponentChildren, JSX } from "preact";
import type { ApiError } from "../api.ts";
import { CopyLine } from "./copy.tsx";

/** What would be here, and a command that makes it so. */
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

/** Why something could not be read, in the server's words. */
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

/** Stands where nothing has been read yet; seen after a moment only. */
export function Loading(): JSX.Element {
  return <p class="loading-note muted">Reading…</p>;
}
