import { _, Ajv2020, type ErrorObject, type Format, Name, type ValidateFunction } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { LIMITS } from "../../core/limits.ts";
import type { Schema, SchemaIssue, SchemaResult } from "../../core/method/schema.ts";
import type { JsonSchema } from "../../forms/form.ts";
import { issuesOf } from "./issues.ts";
import { KEYWORDS } from "./keywords.ts";
import { CheckCostError, Meter } from "./meter.ts";
import { linearPattern } from "./patterns.ts";
import { ValueSet } from "./value-set.ts";

/**
 * The keyword that counts entered schemas. It is added to every compiled schema; no name in a file
 * can equal it.
 */
const STEP = "longrunning:step";

/** The variable in which Ajv's code counts errors. */
const AJV_ERRORS = new Name("errors");

/** The values of `format` that are checked. */
export const FORMATS: readonly string[] = Object.keys(fullFormats);

/**
 * Validates values with JSON Schemas, which it compiles to code. It loads the packages for this.
 */
export class SchemaCompiler {
  readonly #meter = new Meter();
  /** Stops at the first error: an error takes ten times as long as a check that succeeds. */
  readonly #first = ajvWith(this.#meter, { allErrors: false });
  /** Finds the other errors of a value that is known to be wrong, up to a limit. */
  readonly #all = ajvWith(this.#meter, { allErrors: true });

  /** The mistakes of a schema itself, according to the schema of its dialect. */
  issuesOfSchema(schema: JsonSchema): readonly SchemaIssue[] {
    this.#meter.reset();
    return this.#all.validateSchema(schema) === true ? [] : issuesOf(this.#all.errors ?? [], schema);
  }

  /**
   * A Standard Schema of a JSON Schema whose references all point into it.
   *
   * @throws {TypeError} if Ajv cannot compile it or does not end, or if Node may not compile code
   * from texts
   */
  compile(schema: JsonSchema): Schema {
    const counted = metered(schema) as JsonSchema;
    let first: ValidateFunction;
    let all: ValidateFunction;
    try {
      [first, all] = [this.#first.compile(counted), this.#all.compile(counted)];
    } catch (cause) {
      throw new TypeError(whyNotCompiled(cause), { cause });
    }
    const validate = (value: unknown): SchemaResult<unknown> => this.#check(first, all, value);
    this.#meter.reset();
    if (tooCostly(first, {}) !== undefined)
      throw new TypeError(
        "no value can be checked with it: a schema refers to itself without an end, or too often",
      );
    const described = (): Record<string, unknown> => ({ ...schema });
    return {
      "~standard": {
        version: 1,
        vendor: "longrunning",
        validate,
        jsonSchema: { input: described, output: described },
      },
    };
  }

  #check(first: ValidateFunction, all: ValidateFunction, value: unknown): SchemaResult<unknown> {
    this.#meter.reset();
    const tooMuch = tooCostly(first, value);
    if (tooMuch !== undefined) return { issues: [{ message: tooMuch }] };
    const one = takeErrors(first);
    if (one.length === 0) return { value };
    // The second check uses the steps that the first one left.
    if (tooCostly(all, value) === undefined) return { issues: issuesOf(takeErrors(all), value) };
    return { issues: [...issuesOf(one.slice(-LIMITS.violationsMax), value), MORE] };
  }
}

const MORE: SchemaIssue = { message: "has more mistakes than these" };

/** Validates a value. @returns why the check was given up; undefined if it finished */
function tooCostly(check: ValidateFunction, value: unknown): string | undefined {
  try {
    check(value);
    return undefined;
  } catch (error) {
    if (error instanceof CheckCostError) return error.message;
    // The stack overflowed.
    if (error instanceof RangeError) return "is nested too deeply to be checked with its schema";
    throw error;
  }
}

/**
 * Takes the errors of the last check. The check then drops them, because they refer to the value.
 */
function takeErrors(check: ValidateFunction): readonly ErrorObject[] {
  const errors = check.errors ?? [];
  check.errors = null;
  return errors;
}

function ajvWith(meter: Meter, { allErrors }: { readonly allErrors: boolean }): Ajv2020 {
  // A valid value can cause an error for each element: for `contains`, only one must match.
  const errorsMax = allErrors ? LIMITS.schemaErrorsMax : LIMITS.jsonValuesMax;
  const ajv = new Ajv2020({
    allErrors,
    verbose: true,
    messages: false,
    ownProperties: true,
    strict: false,
    validateSchema: false,
    logger: false,
    formats: Object.fromEntries(Object.entries(fullFormats).map(([name, each]) => [name, bounded(each)])),
    code: { regExp: Object.assign(patternsOf(meter), { code: "linearPattern" }) },
  });
  // Ajv's own versions compare each element with all others, and a value with each value of the
  // enum.
  for (const keyword of ["uniqueItems", "enum"]) ajv.removeKeyword(keyword);
  ajv.addKeyword({
    keyword: "uniqueItems",
    type: "array",
    schemaType: "boolean",
    validate: (isAsked: boolean, elements: readonly unknown[]) => !isAsked || isUnique(elements, meter),
  });
  ajv.addKeyword({
    keyword: "enum",
    schemaType: "array",
    compile: (allowed: readonly unknown[]) => {
      if (allowed.length === 0) throw new TypeError('"enum" needs one value at least');
      const values = new ValueSet();
      for (const each of allowed) values.add(each);
      return (value: unknown) => values.has(value, meter);
    },
    error: { message: "is not in the enum", params: ({ schemaCode }) => _`{allowedValues: ${schemaCode}}` },
  });
  ajv.addKeyword({
    keyword: STEP,
    before: "$ref",
    code: ({ gen, schema, parentSchema }) => {
      const counter = gen.scopeValue("obj", { ref: meter });
      gen.code(_`${counter}.steps -= ${schema as number}`);
      // If the reference fails, Ajv's code copies all earlier errors.
      if ("$ref" in parentSchema) gen.code(_`${counter}.steps -= ${AJV_ERRORS} >> 5`);
      const isSpent = _`${counter}.steps < 0 || ${AJV_ERRORS} > ${errorsMax}`;
      gen.if(isSpent, () => gen.code(_`throw ${counter}.spent()`));
    },
  });
  return ajv;
}

function whyNotCompiled(cause: unknown): string {
  if (cause instanceof EvalError)
    return "JSON Schemas are compiled to code, which --disallow-code-generation-from-strings forbids; start Node without it";
  return cause instanceof Error ? cause.message : String(cause);
}

function patternsOf(meter: Meter): (source: string) => { test(text: string): boolean } {
  return (source) => {
    const pattern = linearPattern(source);
    const test = (text: string): boolean => meter.matched(source, text, () => pattern.test(text));
    // Ajv recognizes equal patterns by their texts.
    return { test, toString: () => source };
  };
}

/**
 * A format that only accepts texts short enough for its pattern, because some patterns take
 * quadratic time.
 */
function bounded(format: Format): Format {
  if (format instanceof RegExp) return (text) => isShort(text) && new RegExp(format).test(text);
  if (typeof format === "function") return (text) => isShort(text) && format(text);
  return format;
}

function isShort(text: string): boolean {
  return text.length <= LIMITS.schemaFormatLengthMax;
}

function isUnique(elements: readonly unknown[], meter: Meter): boolean {
  const values = new ValueSet();
  for (const each of elements) values.add(each, meter);
  return values.size === elements.length;
}

/** A schema that counts how often it is entered. */
function metered(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const members = Object.entries(schema).map(([name, value]): [string, unknown] => {
    switch (KEYWORDS.get(name)) {
      case "schema":
        return [name, metered(value)];
      case "list":
        return [name, (value as readonly unknown[]).map(metered)];
      case "map":
        return [
          name,
          Object.fromEntries(Object.entries(value as object).map(([key, each]) => [key, metered(each)])),
        ];
      default:
        return [name, value];
    }
  });
  return { ...Object.fromEntries(members), [STEP]: weightOf(schema) };
}

/**
 * The steps for entering a schema: its names are looked up, and each case creates errors that are
 * discarded.
 */
function weightOf(schema: object): number {
  const sizeOf = (keyword: string): number =>
    Object.keys((schema as Readonly<Record<string, object | undefined>>)[keyword] ?? {}).length;
  const names = sizeOf("properties") + sizeOf("required");
  return 1 + Math.floor(names / 16) + 4 * (sizeOf("anyOf") + sizeOf("oneOf"));
}
