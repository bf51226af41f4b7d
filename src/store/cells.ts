import { invariant } from "../core/invariant.ts";
import { type Operation, STATES, type State } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import type { Change } from "../core/ports/store.ts";

/** What cells mean that either database holds alike. The shapes of whole rows are in the row.ts of each. */

/** The part of a row that listeners are told. */
export type ChangeRow = readonly [
  id: string,
  method: string,
  state: string,
  availableTime: number,
  cancelTime: number | null,
];

/** What listeners are told of a row as it is after the change. */
export function toChange(row: ChangeRow, removed: boolean): Change {
  const [id, method, state, availableTime, cancelTime] = row;
  return {
    id,
    method,
    state: removed ? null : toState(state),
    availableTime,
    cancelRequested: cancelTime !== null,
  };
}

/** What listeners are told of a record as it is after the change. */
export function changeOf(operation: Operation): Change {
  const { id, method, state, availableTime, cancelTime } = operation;
  return { id, method, state, availableTime, cancelRequested: cancelTime !== null };
}

/** A payload from its two cells. */
export function toPayload(type: string | null, json: string | null): Payload | null {
  return type === null || json === null ? null : { type, json };
}

/** @throws {InvariantError} for a state that this program does not know */
export function toState(text: string): State {
  const state = STATES.find((each) => each === text);
  invariant(state !== undefined, `A row has the state "${text}", which this program does not know`);
  return state;
}
