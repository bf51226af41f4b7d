import { compareText } from "./compare.ts";
import type { Comparison, Filter, OfMethods } from "./filter.ts";

/** The verbs of methods whose verb differs from the method's name. */
export function verbsOf(
  methods: ReadonlyMap<string, { readonly verb: string }>,
): ReadonlyMap<string, string> {
  const named = Array.from(methods, ([name, { verb }]) => [name, verb] as const);
  return new Map(named.filter(([name, verb]) => verb !== name));
}

/**
 * Converts a filter for callers to one for records: callers see the verb of an operation, and the
 * record contains the name of its method. `metadata.verb = create` finds operations of every method
 * with the verb `create`; `metadata.verb = createInstance` still finds those of that method.
 *
 * @param verbs the verbs of methods whose verb differs from their name
 */
export function withVerbs(filter: Filter, verbs: ReadonlyMap<string, string>): Filter {
  if (verbs.size === 0) return filter;
  switch (filter.kind) {
    case "and":
    case "or":
      return { kind: filter.kind, operands: filter.operands.map((each) => withVerbs(each, verbs)) };
    case "not":
      return { kind: "not", operand: withVerbs(filter.operand, verbs) };
    case "search":
      return either(
        filter,
        namesWhere(verbs, (verb) => verb.includes(filter.text)),
      );
    case "comparison":
      return isOfVerb(filter) ? ofVerb(filter, verbs) : filter;
    case "methods":
      return filter;
  }
}

function isOfVerb({ field: { path, type } }: Comparison): boolean {
  return type === "text" && path[0] === "metadata" && path[1] === "verb";
}

function ofVerb(comparison: Comparison, verbs: ReadonlyMap<string, string>): Filter {
  const { comparator, value } = comparison;
  const chosen = namesWhere(verbs, (verb) => compareText(verb, comparator, value));
  if (comparator === "=" || comparator === ":") return either(comparison, chosen);
  const others: Filter = { kind: "not", operand: ofMethods(new Set(verbs.keys())) };
  return either({ kind: "and", operands: [comparison, others] }, chosen);
}

function namesWhere(
  verbs: ReadonlyMap<string, string>,
  holds: (verb: string) => boolean,
): ReadonlySet<string> {
  return new Set(Array.from(verbs.keys()).filter((name) => holds(verbs.get(name) ?? "")));
}

function either(filter: Filter, names: ReadonlySet<string>): Filter {
  return names.size === 0 ? filter : { kind: "or", operands: [filter, ofMethods(names)] };
}

function ofMethods(names: ReadonlySet<string>): OfMethods {
  return { kind: "methods", names };
}
