import type { Reason, StatusError } from "../../core/error/error.ts";
import { fieldError, Violations } from "../../core/error/violations.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import { parseDurationMs } from "../../core/value/duration.ts";
import { lowerCamelCase } from "./query.ts";

/**
 * The fields of a message in proto-JSON, read one by one: a null field counts as left out, and
 * names may be in lower_snake_case.
 */
export class JsonFields {
  /** The path of the object, such as `completions[3].`; empty for the body itself. */
  readonly #at: string;
  readonly #fields: JsonObject;
  readonly #reason: Reason;

  /**
   * @param value the value that must be an object
   * @param known the names of its fields, in lowerCamelCase
   * @param where.place such as `completions[3]`. @default the body itself
   * @param where.reason the reason of errors. @default REQUEST_INVALID
   * @throws {StatusError} INVALID_ARGUMENT, with a violation for each unknown field
   */
  constructor(
    value: unknown,
    known: readonly string[],
    where: { readonly place?: string; readonly reason?: Reason } = {},
  ) {
    const { place = "", reason = "REQUEST_INVALID" } = where;
    if (!isObject(value)) throw invalidField(reason, place, ["an object", value]);
    this.#reason = reason;
    this.#at = place === "" ? "" : `${place}.`;
    const violations = new Violations();
    const fields: Record<string, unknown> = {};
    for (const [name, each] of Object.entries(value)) {
      const field = lowerCamelCase(name);
      if (known.includes(field)) {
        if (each !== null) fields[field] = each;
      } else violations.add(() => unknownField(name), `${this.#at}${name.slice(0, 100)}`);
    }
    if (violations.count > 0) throw violations.error(reason);
    this.#fields = fields;
  }

  /** The path of a field, for violations. */
  pathOf(name: string): string {
    return `${this.#at}${name}`;
  }

  /** The value as it was sent; undefined if it was left out. */
  value(name: string): unknown {
    return this.#fields[name];
  }

  text(name: string): string | undefined {
    const value = this.#fields[name];
    if (value === undefined || typeof value === "string") return value;
    throw this.#invalid(name, "a text");
  }

  boolean(name: string): boolean | undefined {
    const value = this.#fields[name];
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#invalid(name, "true or false");
  }

  /** Proto-JSON allows numbers in quotes. */
  int32(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    const number = typeof value === "string" && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
    if (typeof number === "number" && (number | 0) === number) return number;
    throw this.#invalid(name, "a whole number of 32 bits");
  }

  /** Milliseconds of a duration such as `3.5s`. */
  durationMs(name: string): number | undefined {
    const value = this.#fields[name];
    if (value === undefined) return undefined;
    const ms = typeof value === "string" && /\ds$/.test(value) ? parseDurationMs(value) : undefined;
    if (ms !== undefined) return ms;
    throw this.#invalid(name, 'a duration such as "30s"');
  }

  object(name: string): JsonObject | undefined {
    const value = this.#fields[name];
    if (value === undefined || isObject(value)) return value;
    throw this.#invalid(name, "an object");
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.#fields[name];
    if (value === undefined || Array.isArray(value)) return value;
    throw this.#invalid(name, "a list");
  }

  #invalid(name: string, expected: string): StatusError {
    return invalidField(this.#reason, this.pathOf(name), [expected, this.#fields[name]]);
  }
}

/** The error for an invalid value of a field. @param field its path; empty for the body */
function invalidField(
  reason: Reason,
  field: string,
  [expected, value]: readonly [expected: string, value: unknown],
): StatusError {
  const where = field === "" ? "" : ` at '${field}'`;
  const description = `Invalid value${where}: expected ${expected}, got ${shownValue(value)}.`;
  return fieldError(reason, { field, description });
}

/** A value in the text of an error. The members of an object are left out: they may be secret. */
export function shownValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return isObject(value) ? "an object" : JSON.stringify(value).slice(0, 200);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** In Google's words. */
function unknownField(name: string): string {
  return `Invalid JSON payload received. Unknown name "${name.slice(0, 100)}": Cannot find field.`;
}
