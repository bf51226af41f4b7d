import type { Filter } from "../../core/filter/filter.ts";
import { isStorable } from "../../core/value/text.ts";
import { stateBounds } from "./states.ts";

/**
 * The only methods whose operations a filter can match; undefined if the filter does not limit the
 * methods.
 */
export function methodBounds(filter: Filter): ReadonlySet<string> | undefined {
  switch (filter.kind) {
    case "and": {
      const known = filter.operands.map(methodBounds).filter((each) => each !== undefined);
      return known.length === 0 ? undefined : known.reduce((a, b) => a.intersection(b));
    }
    case "or": {
      const known = filter.operands.map(methodBounds).filter((each) => each !== undefined);
      return known.length < filter.operands.length ? undefined : known.reduce((a, b) => a.union(b));
    }
    case "methods":
      return filter.names;
    case "comparison":
      return isOfMethod(filter)
        ? new Set(isStorable(filter.value.text) ? [filter.value.text] : [])
        : undefined;
    case "not":
    case "search":
      return undefined;
  }
}

/** Whether a filter is decided by method and state alone: each part of it tests one of the two. */
export function isByMethodAndState(filter: Filter): boolean {
  if (filter.kind === "and") return filter.operands.every(isByMethodAndState);
  return stateBounds(filter).exact || isOfMethods(filter);
}

function isOfMethods(filter: Filter): boolean {
  switch (filter.kind) {
    case "or":
      return filter.operands.every(isOfMethods);
    case "methods":
      return true;
    case "comparison":
      return isOfMethod(filter);
    default:
      return false;
  }
}

function isOfMethod({ field, comparator, value }: Extract<Filter, { kind: "comparison" }>): boolean {
  const [top, name] = field.path;
  const isVerb = top === "metadata" && name === "verb" && field.type === "text";
  return isVerb && comparator === "=" && value.pattern === undefined;
}
