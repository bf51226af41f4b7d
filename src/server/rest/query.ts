import { parseDurationMs } from "../../core/value/duration.ts";
import { type Reason, serviceError } from "../../core/error/error.ts";
import { fieldError, Violations } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";

/** A decoded query parameter, in its place. */
export type QueryParameter = readonly [name: string, value: string];

/**
 * Parses a query or a form. Empty pieces are skipped, because a bare `?` is common (contract
 * section 6.3).
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for an encoding that is not UTF-8, and
 *   for more parameters than `LIMITS.parametersMax`, without decoding the rest
 */
export function parseQuery(text: string): readonly QueryParameter[] {
  const parameters: QueryParameter[] = [];
  for (let from = 0; from < text.length; ) {
    const separator = text.indexOf("&", from);
    const to = separator === -1 ? text.length : separator;
    if (to > from) {
      if (parameters.length >= LIMITS.parametersMax) throw tooMany();
      parameters.push(parameterIn(text.slice(from, to)));
    }
    from = to + 1;
  }
  return parameters;
}

function parameterIn(piece: string): QueryParameter {
  const equals = piece.indexOf("=");
  if (equals === -1) return [decode(piece, piece), ""];
  const name = piece.slice(0, equals);
  return [decode(name, name), decode(piece.slice(equals + 1), name)];
}

function tooMany(): Error {
  const { parametersMax } = LIMITS;
  return serviceError("PARAMETER_INVALID", `Too many parameters: expected at most ${parametersMax}.`, {
    metadata: { parametersMax: String(parametersMax) },
  });
}

/** @param name the name for the error, because a value may be a credential */
function decode(raw: string, name: string): string {
  try {
    return decodeURIComponent(raw.replaceAll("+", " "));
  } catch {
    const shown = name.slice(0, 100);
    throw serviceError("PARAMETER_INVALID", `Invalid query: "${shown}" is not percent-encoded UTF-8.`, {
      metadata: { query: shown },
    });
  }
}

/** The typed parameters of one call. Texts of errors are Google's (contract sections 3.1, 4.4). */
export class CallParameters {
  readonly #values = new Map<string, string>();

  /**
   * @param query without the system parameters
   * @param known the parameters of the call, in lowerCamelCase; lower_snake_case is accepted as
   * well
   * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID with a violation for each unknown name
   */
  constructor(query: readonly QueryParameter[], known: readonly string[]) {
    const unknown: string[] = [];
    for (const [name, value] of query) {
      const field = lowerCamelCase(name);
      // The last occurrence wins, as in proto fields.
      if (known.includes(field)) this.#values.set(field, value);
      else unknown.push(name);
    }
    if (unknown.length > 0) throw unknownParameters(unknown);
  }

  /** Only checks the names. */
  static check(query: readonly QueryParameter[], known: readonly string[]): void {
    if (query.length > 0) void new CallParameters(query, known);
  }

  text(name: string): string | undefined {
    return this.#values.get(name);
  }

  boolean(name: string): boolean | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === "") return undefined;
    if (/^(?:true|1)$/i.test(value)) return true;
    if (/^(?:false|0)$/i.test(value)) return false;
    throw invalidValue("PARAMETER_INVALID", name, "TYPE_BOOL", value);
  }

  int32(name: string, reason: Reason): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined || value === "") return undefined;
    const number = Number(value);
    if (!/^-?\d+$/.test(value) || Math.trunc(number) !== (number | 0)) {
      throw invalidValue(reason, name, "TYPE_INT32", value);
    }
    return number;
  }

  durationMs(name: string, reason: Reason): number | undefined {
    const value = this.#values.get(name);
    return value === undefined || value === "" ? undefined : protoDurationMs(name, value, reason);
  }
}

/** The spelling of a field's name in JSON. A text too long for a name is unchanged. */
export function lowerCamelCase(name: string): string {
  if (name.length > LIMITS.methodNameLengthMax || !name.includes("_")) return name;
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Milliseconds of a proto-JSON duration such as `3.5s`. @throws {StatusError} INVALID_ARGUMENT `reason` */
export function protoDurationMs(name: string, value: unknown, reason: Reason): number {
  const ms = typeof value === "string" && /\ds$/.test(value) ? parseDurationMs(value) : undefined;
  if (ms !== undefined) return ms;
  throw invalidValue(reason, name, "type.googleapis.com/google.protobuf.Duration", value);
}

/** The error for unknown names, in Google's words. */
export function unknownParameters(names: readonly string[]): Error {
  const violations = new Violations();
  for (const name of names) {
    violations.add(() => {
      const shown = name.slice(0, 100);
      return `Invalid JSON payload received. Unknown name "${shown}": Cannot bind query parameter. Field '${shown}' could not be found in request message.`;
    });
  }
  const parameter = names.slice(0, LIMITS.violationsMax).join(",").slice(0, 200);
  return violations.error("PARAMETER_INVALID", { metadata: { parameter } });
}

function invalidValue(reason: Reason, name: string, type: string, value: unknown): Error {
  const field = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const shown = (JSON.stringify(value) ?? "").slice(0, 200);
  const description = `Invalid value at '${field}' (${type}), ${shown}`;
  return fieldError(reason, { field, description }, { field, value: shown });
}
