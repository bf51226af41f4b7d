import { _, Ajv2020, type Format, type ValidateFunction } from "ajv/dist/2020.js";
import { fullFormats } from "ajv-formats/dist/formats.js";
import { LIMITS } from "../../core/limits.ts";
import type { Schema, SchemaIssue, SchemaResult } from "../../core/method/schema.ts";
import { canonicalJson } from "../../core/value/json.ts";
import type { JsonSchema } from "../../forms/form.ts";
import { issuesOf } from "./issues.ts";
import { KEYWORDS } from "./keywords.ts";
import { CheckCostError, Meter } from "./meter.ts";
import { linearPattern } from "./patterns.ts";

/** Counts schemas that are entered. Put into every schema that is compiled; not a name that a file can have. */
const STEP = "longrunning:step";

/** The values of `format` that are checked. */
export const FORMATS: readonly string[] = Object.keys(fullFormats);

/** What checks values with JSON Schemas. It has loaded the packages for them, and compiles schemas to code. */
export class SchemaCompiler {
  readonly #meter = new Meter();
  readonly #ajv: Ajv2020;

  constructor() {
    const meter = this.#meter;
    this.#ajv = new Ajv2020({
      allErrors: true,
      verbose: true,
      messages: false,
      ownProperties: true,
      strict: false,
      validateSchema: false,
      logger: false,
      formats: Object.fromEntries(Object.entries(fullFormats).map(([name, each]) => [name, bounded(each)])),
      code: { regExp: Object.assign(patternsOf(meter), { code: "linearPattern" }) },
    });
    this.#ajv.removeKeyword("uniqueItems");
    this.#ajv.addKeyword({
      keyword: "uniqueItems",
      type: "array",
      schemaType: "boolean",
      validate: isUnique,
    });
    this.#ajv.addKeyword({
      keyword: STEP,
      before: "$ref",
      code: ({ gen, schema }) => {
        const counter = gen.scopeValue("obj", { ref: meter });
        gen.code(_`${counter}.steps -= ${schema as number}`);
        gen.if(_`${counter}.steps < 0`, () => gen.code(_`throw ${counter}.spent()`));
      },
    });
  }

  /** What is wrong with a schema itself, by the schema of its dialect. */
  issuesOfSchema(schema: JsonSchema): readonly SchemaIssue[] {
    this.#meter.reset();
    return this.#ajv.validateSchema(schema) === true ? [] : issuesOf(this.#ajv.errors ?? [], schema);
  }

  /**
   * A Standard Schema of a JSON Schema whose references are all to places in it.
   *
   * @throws {TypeError} for what Ajv cannot compile, or does not end; where Node may not make code of texts
   */
  compile(schema: JsonSchema): Schema {
    let check: ValidateFunction;
    try {
      check = this.#ajv.compile(metered(schema) as JsonSchema);
    } catch (cause) {
      throw new TypeError(whyNotCompiled(cause), { cause });
    }
    const validate = (value: unknown): SchemaResult<unknown> => this.#check(check, value);
    if (this.#costOf(check, {}) !== undefined)
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

  #check(check: ValidateFunction, value: unknown): SchemaResult<unknown> {
    const tooMuch = this.#costOf(check, value);
    if (tooMuch !== undefined) return { issues: [{ message: tooMuch }] };
    const { errors } = check;
    check.errors = null;
    return errors == null || errors.length === 0 ? { value } : { issues: issuesOf(errors, value) };
  }

  /** Checks a value. @returns why it costs more than it may; undefined where it does not */
  #costOf(check: ValidateFunction, value: unknown): string | undefined {
    this.#meter.reset();
    try {
      check(value);
      return undefined;
    } catch (error) {
      if (error instanceof CheckCostError) return error.message;
      // The stack is full.
      if (error instanceof RangeError) return "is nested too deeply to be checked with its schema";
      throw error;
    }
  }
}

function whyNotCompiled(cause: unknown): string {
  if (cause instanceof EvalError)
    return "JSON Schemas are compiled to code, which --disallow-code-generation-from-strings forbids; start Node without it";
  return cause instanceof Error ? cause.message : String(cause);
}

function patternsOf(meter: Meter): (source: string) => { test(text: string): boolean } {
  return (source) => {
    const pattern = linearPattern(source);
    const test = (text: string): boolean => {
      meter.match(text);
      return pattern.test(text);
    };
    // Ajv knows equal patterns by their texts.
    return { test, toString: () => source };
  };
}

/** A format of texts that are not too long for its pattern, some of which take the square of the length. */
function bounded(format: Format): Format {
  if (format instanceof RegExp) return (text) => isShort(text) && new RegExp(format).test(text);
  if (typeof format === "function") return (text) => isShort(text) && format(text);
  return format;
}

function isShort(text: string): boolean {
  return text.length <= LIMITS.schemaFormatLengthMax;
}

/** Ajv's own compares each element with all others. */
function isUnique(isAsked: boolean, elements: readonly unknown[]): boolean {
  return !isAsked || new Set(elements.map((each) => canonicalJson(each))).size === elements.length;
}

/** A schema that counts each time that it is entered. */
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

/** What it costs to enter a schema: names and values are compared with, and each case makes errors that are thrown away. */
function weightOf(schema: object): number {
  const sizeOf = (keyword: string): number =>
    Object.keys((schema as Readonly<Record<string, object | undefined>>)[keyword] ?? {}).length;
  const names = sizeOf("properties") + sizeOf("required") + sizeOf("enum");
  return 1 + Math.floor(names / 16) + 4 * (sizeOf("anyOf") + sizeOf("oneOf"));
}
