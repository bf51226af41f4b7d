import type { Comparison, Filter } from "../../core/filter/filter.ts";
import { STATES, type State } from "../../core/operation/operation.ts";

/**
 * The only states in which a filter can match. `exact`: the filter matches every record in these
 * states.
 */
export interface StateBounds {
  readonly states: ReadonlySet<State>;
  readonly exact: boolean;
}

const ALL: ReadonlySet<State> = new Set(STATES);
const UNFINISHED: ReadonlySet<State> = new Set(["PENDING", "RUNNING"]);
const FINISHED = ALL.difference(UNFINISHED);
const FAILED: ReadonlySet<State> = new Set(["FAILED", "CANCELLED"]);
const SUCCEEDED: ReadonlySet<State> = new Set(["SUCCEEDED"]);
const ANY: StateBounds = { states: ALL, exact: false };

/**
 * The limits that a filter puts on the state: by the state itself, by `done`, or by an outcome that
 * implies a state.
 */
export function stateBounds(filter: Filter): StateBounds {
  switch (filter.kind) {
    case "and":
      return boundsOfAll(filter.operands.map(stateBounds), (a, b) => a.intersection(b));
    case "or":
      return boundsOfAll(filter.operands.map(stateBounds), (a, b) => a.union(b));
    case "not": {
      const { states, exact } = stateBounds(filter.operand);
      return exact ? { states: ALL.difference(states), exact } : ANY;
    }
    case "search":
    case "methods":
      return ANY;
    case "comparison":
      return boundsOfComparison(filter);
  }
}

function boundsOfAll(
  bounds: readonly StateBounds[],
  join: (a: ReadonlySet<State>, b: ReadonlySet<State>) => ReadonlySet<State>,
): StateBounds {
  return {
    states: bounds.map((each) => each.states).reduce(join),
    exact: bounds.every((each) => each.exact),
  };
}

function boundsOfComparison({ field, comparator, value }: Comparison): StateBounds {
  const [top, second] = field.path;
  // Every comparison with an error or a response requires that it is present.
  if (top === "error") return { states: FAILED, exact: field.type === "message" };
  if (top === "response") return { states: SUCCEEDED, exact: field.type === "message" && value.presence };
  if (top === "done") {
    if (value.presence) return { states: ALL, exact: true };
    return { states: value.boolean === (comparator !== "!=") ? FINISHED : UNFINISHED, exact: true };
  }
  if (top !== "metadata" || second !== "state" || field.type !== "state") return ANY;
  if (value.presence) return { states: ALL, exact: true };
  const named = new Set(STATES.filter((state) => state === value.text));
  return { states: comparator === "!=" ? ALL.difference(named) : named, exact: true };
}
