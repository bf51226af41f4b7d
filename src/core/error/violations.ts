import { badRequest, type ErrorDetail, type FieldViolation } from "./details.ts";
import { type Reason, serviceError, type StatusError } from "./error.ts";
import { LIMITS } from "../limits.ts";
import { issuePath, type SchemaIssue } from "../method/schema.ts";

/**
 * The rules that one value breaks. The first `LIMITS.violationsMax` are kept and the others only counted, which bounds the
 * size of an error. The only place where the service makes a `google.rpc.BadRequest`.
 */
export class Violations {
  readonly #told: FieldViolation[] = [];
  #count = 0;

  /** @param issues as a schema reports them */
  static of(issues: readonly SchemaIssue[]): Violations {
    const all = new Violations();
    for (const issue of issues.slice(0, LIMITS.violationsMax)) all.add(issue.message, issuePath(issue));
    all.#count = issues.length;
    return all;
  }

  /** The number of violations, including those that are only counted. */
  get count(): number {
    return this.#count;
  }

  /** Whether another violation would only be counted. An expensive search stops then. */
  get isFull(): boolean {
    return this.#told.length >= LIMITS.violationsMax;
  }

  /**
   * @param description a text or a function that creates it; not called if the violation is only
   * counted
   * @param field a path such as `files[3].name`; empty for the whole value
   */
  add(description: string | (() => string), field = ""): void {
    this.#count++;
    if (this.isFull) return;
    const text = cutViolation(typeof description === "string" ? description : description());
    this.#told.push({ ...(field === "" ? {} : { field: cutViolation(field) }), description: text });
  }

  /** One violation a line, as Google's front ends write them. */
  get lines(): string {
    return this.#joined(
      this.#told.map(({ description }) => description),
      "\n",
    );
  }

  /** All on one line: `files[3].name: expected a string; size: must be positive`. */
  get text(): string {
    const told = this.#told.map(({ field, description }) =>
      field === undefined ? description : `${field}: ${description}`,
    );
    return this.#joined(told, "; ");
  }

  /** The violations as a `google.rpc.BadRequest`; a violation of the whole value has no field. */
  get detail(): ErrorDetail {
    return badRequest({ fieldViolations: this.#told });
  }

  /**
   * The error for the caller.
   *
   * @param options.message replaces the list of violations
   * @param options.metadata replaces the list of fields
   */
  error(
    reason: Reason,
    options: {
      readonly message?: string;
      readonly metadata?: Readonly<Record<string, string>>;
      readonly cause?: unknown;
    } = {},
  ): StatusError {
    const { message = this.lines, cause } = options;
    const fields = this.#told.flatMap(({ field }) => (field === undefined ? [] : [field]));
    const metadata = options.metadata ?? { field: fields.join(",").slice(0, METADATA_LENGTH_MAX) };
    return serviceError(reason, message, { metadata, details: [this.detail], cause });
  }

  #joined(told: readonly string[], separator: string): string {
    let text = "";
    for (const [index, each] of told.entries()) {
      const next = index === 0 ? each : `${separator}${each}`;
      const isLast = index === this.#count - 1;
      if (text.length + next.length > LIMITS.messageLengthMax - (isLast ? 0 : MORE_LENGTH_MAX))
        return `${text}${separator}and ${this.#count - index} more`;
      text += next;
    }
    const more = this.#count - told.length;
    return more > 0 ? `${text}${separator}and ${more} more` : text;
  }
}

/** The error for a single field. @see Violations */
export function fieldError(
  reason: Reason,
  { field, description }: FieldViolation,
  metadata: Readonly<Record<string, string>> = { field: field ?? "" },
): StatusError {
  const violations = new Violations();
  violations.add(description, field);
  return violations.error(reason, { metadata });
}

const METADATA_LENGTH_MAX = 200;
/** Room for `and 1048576 more` with its separator. */
const MORE_LENGTH_MAX = 24;

function cutViolation(text: string): string {
  const { violationLengthMax } = LIMITS;
  return (
    text.length <= violationLengthMax ? text : `${text.slice(0, violationLengthMax - 2)} …`
  ).toWellFormed();
}

/** The issues of a schema, on one line. @see Violations.text */
export function violationsText(issues: readonly SchemaIssue[]): string {
  return Violations.of(issues).text;
}
