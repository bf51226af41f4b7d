import { leadingMembers } from "../core/value/json-members.ts";
import { invariant } from "../core/invariant.ts";
import type { EndedAttempt } from "../core/operation/attempts.ts";
import { type Failure, type Operation, STATES, type State } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import type { Change } from "../core/ports/store.ts";

/**
 * The cells that both databases store in the same form. Each store's row.ts has the shapes of whole
 * rows.
 */

/** The columns for announcements. */
export type ChangeRow = readonly [
  id: string,
  method: string,
  state: string,
  availableTime: number,
  cancelTime: number | null,
  parent: string,
];

/** The announcement of a row after its change. */
export function toChange(row: ChangeRow, removed: boolean): Change {
  const [id, method, state, availableTime, cancelTime, parent] = row;
  return {
    id,
    parent,
    method,
    state: removed ? null : toState(state),
    availableTime,
    cancelRequested: cancelTime !== null,
  };
}

/** The announcement of a record after its change. */
export function changeOf(operation: Operation): Change {
  const { id, parent, method, state, availableTime, cancelTime } = operation;
  return { id, parent, method, state, availableTime, cancelRequested: cancelTime !== null };
}

/** A payload from its two cells. */
export function toPayload(type: string | null, json: string | null): Payload | null {
  return type === null || json === null ? null : { type, json };
}

/**
 * The stored time of the current or last attempt; null for the first attempt, which began at the
 * operation's start time.
 */
export function attemptTimeCell({ attempt, attemptTime }: Operation): number | null {
  return attempt === 1 ? null : attemptTime;
}

/** The time of the current or last attempt, from a cell of `attemptTimeCell` or of a claim. */
export function toAttemptTime(cell: number | null, attempt: number, startTime: number | null): number | null {
  return attempt === 1 ? startTime : cell;
}

/** Null for most operations, which have no failed attempt. */
export function attemptsText(attempts: readonly EndedAttempt[]): string | null {
  return attempts.length === 0 ? null : JSON.stringify(attempts);
}

/** Only `attemptsText` writes this text. */
export function toAttempts(text: string | null): readonly EndedAttempt[] {
  return text === null ? NONE : (JSON.parse(text) as readonly EndedAttempt[]);
}

const NONE: readonly EndedAttempt[] = [];

/** Only `JSON.stringify` writes this text, from a failure. */
export function toFailure(text: string | null): Failure | null {
  return text === null ? null : (JSON.parse(text) as Failure);
}

/**
 * The same for a text that may be cut off: code and message come first, and the details are
 * omitted.
 */
export function toLightFailure(text: string | null): Failure | null {
  if (text === null) return null;
  return {
    code: "UNKNOWN",
    message: "",
    ...Object.fromEntries(leadingMembers(text, ["code", "message"])),
    details: [],
  };
}

/** @throws {InvariantError} for a state that this version does not know */
export function toState(text: string): State {
  const state = STATES.find((each) => each === text);
  invariant(state !== undefined, `A row has the state "${text}", which this program does not know`);
  return state;
}
