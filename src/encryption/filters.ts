import type { Comparison, Filter } from "../core/filter/filter.ts";
import { fieldError } from "../core/error/violations.ts";

/**
 * Rejects a filter on sealed fields, which only a reader with the key could evaluate.
 *
 * @throws {StatusError} INVALID_ARGUMENT FILTER_INVALID, with the name of the field
 */
export function checkFilter(filter: Filter): void {
  switch (filter.kind) {
    case "and":
    case "or":
      for (const each of filter.operands) checkFilter(each);
      return;
    case "not":
      checkFilter(filter.operand);
      return;
    case "search":
      throw refusal(
        `the word ${JSON.stringify(filter.text.slice(0, SHOWN_MAX))} is looked for in payloads`,
        "",
      );
    case "methods":
      return;
    case "comparison":
      if (isSealedField(filter)) {
        const path = filter.field.path.join(".").slice(0, SHOWN_MAX);
        throw refusal(`${path} is encrypted`, path);
      }
  }
}

const SHOWN_MAX = 200;

/** Presence can be tested for every field. */
function isSealedField({ field, value }: Comparison): boolean {
  const { path, type } = field;
  if (type === "any" || type === "list") return true;
  if (type === "message") return !value.presence;
  return path[0] === "error" && path[1] === "message";
}

function refusal(why: string, field: string): Error {
  const description = `Invalid filter: ${why}, since this service encrypts payloads. Filter by name, done, error.code, or what the service itself tells in metadata.`;
  return fieldError("FILTER_INVALID", { field: "filter", description }, field === "" ? {} : { field });
}
