import { violationsText, Violations } from "../../core/error/violations.ts";
import type { StatusError } from "../../core/error/error.ts";
import { encodedReport, encodedResponse } from "../../core/method/encoding.ts";
import type { Method } from "../../core/method/method.ts";
import type { SchemaIssue, SchemaResult } from "../../core/method/schema.ts";
import type { Validations } from "../../core/method/validation.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";

/**
 * Validates responses and reports of workers without the store, like those of handlers in a
 * process.
 */
export class GivenValues {
  readonly #validations: Validations;

  constructor(validations: Validations) {
    this.#validations = validations;
  }

  /**
   * A response in stored form.
   *
   * @param given undefined if the worker sent none
   * @throws {StatusError} INVALID_ARGUMENT ATTEMPT_RESPONSE_INVALID with field violations
   */
  async response(method: Method, given: Payload | undefined): Promise<Payload> {
    const { name, codec } = method;
    const what = `Invalid response of ${name}`;
    if (given !== undefined && method.response !== undefined && !isOf(codec.empty.type, given))
      throw refusal("ATTEMPT_RESPONSE_INVALID", what, [wrongType(codec.empty.type, given)]);
    const value = given === undefined ? undefined : (JSON.parse(given.json) as unknown);
    const encoded = await encodedResponse(method, value, this.#validations);
    if ("payload" in encoded) return encoded.payload;
    if (given === undefined)
      throw refusal("ATTEMPT_RESPONSE_INVALID", what, [{ message: "the method declares one, got nothing" }]);
    const issues = "issues" in encoded ? encoded.issues : [{ message: messageOf(encoded.thrown) }];
    throw refusal("ATTEMPT_RESPONSE_INVALID", what, issues);
  }

  /**
   * A report in stored form.
   *
   * @throws {StatusError} INVALID_ARGUMENT ATTEMPT_METADATA_INVALID with field violations
   */
  async metadata(method: Method, given: Payload): Promise<Payload> {
    const what = `Invalid metadata of ${method.name}`;
    const type = method.metadataShape?.type ?? STRUCT;
    if (!isOf(type, given)) throw refusal("ATTEMPT_METADATA_INVALID", what, [wrongType(type, given)]);
    let result: SchemaResult<unknown>;
    try {
      const value = JSON.parse(given.json) as unknown;
      result = method.metadata === undefined ? { value } : await this.#validations.of(method.metadata, value);
      if (result.issues === undefined) return encodedReport(method, result);
    } catch (error) {
      result = { issues: [{ message: messageOf(error) }] };
    }
    throw refusal("ATTEMPT_METADATA_INVALID", what, result.issues);
  }
}

/**
 * Whether a payload may have a type. A plain object may be the JSON of any message, because the
 * method knows its type.
 */
function isOf(type: string, given: Payload): boolean {
  return given.type === type || given.type === STRUCT;
}

function wrongType(expected: string, { type }: Payload): SchemaIssue {
  return { message: `expected ${expected}, got ${type.slice(0, 200)}` };
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : "it cannot be checked";
}

function refusal(
  reason: "ATTEMPT_RESPONSE_INVALID" | "ATTEMPT_METADATA_INVALID",
  what: string,
  issues: readonly SchemaIssue[],
): StatusError {
  return Violations.of(issues).error(reason, { message: `${what}: ${violationsText(issues)}` });
}
