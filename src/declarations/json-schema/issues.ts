import type { ErrorObject } from "ajv";
import { LIMITS } from "../../core/limits.ts";
import { didYouMean } from "../../core/value/nearest.ts";
import type { SchemaIssue } from "../../core/method/schema.ts";
import { shownOption } from "../../core/value/options.ts";

type Path = (string | number)[];
type Params = Readonly<Record<string, unknown>>;

/**
 * Converts Ajv's errors to issues of a Standard Schema, each with the path of the invalid part. The
 * errors in the cases of an `anyOf` become one issue. Issues beyond the limit of an error are only
 * counted.
 *
 * @param errors the errors of a check with `verbose`
 */
export function issuesOf(errors: readonly ErrorObject[], value: unknown): readonly SchemaIssue[] {
  const kept: ErrorObject[] = [];
  for (const error of errors) {
    if (ONE_OF_CASES.has(error.keyword)) foldCases(kept, error);
    else if (!SAID_BY_OTHERS.has(error.keyword)) kept.push(error);
  }
  return kept.map((error, index) => (index < LIMITS.violationsMax ? issueOf(error, value) : COUNTED));
}

const COUNTED: SchemaIssue = { message: "is wrong, too" };

const ONE_OF_CASES: ReadonlySet<string> = new Set(["anyOf", "oneOf", "contains"]);

/** Keywords whose errors accompany more precise ones. */
const SAID_BY_OTHERS: ReadonlySet<string> = new Set(["if", "propertyNames"]);

/**
 * Removes the errors of each case. If all cases failed by type, the types are reported; if all but
 * one did, that one was probably meant, and its errors are reported.
 */
function foldCases(kept: ErrorObject[], error: ErrorObject): void {
  const { instancePath, schema } = error;
  const cases = casesBefore(kept, error);
  const isOfType = ({ keyword, instancePath: path }: ErrorObject): boolean =>
    keyword === "type" && path === instancePath;
  const ofType = cases.filter(isOfType);
  const types = ofType.flatMap(({ params }) => (params as Params)["type"] as string | string[]);
  const missing = Array.isArray(schema) ? schema.length - ofType.length : Number.NaN;
  if (missing === 0) kept.push({ ...error, keyword: "type", params: { type: types } });
  else if (missing === 1 && ofType.length < cases.length)
    kept.push(...cases.filter((each) => !isOfType(each)));
  else kept.push(error);
}

/** Removes the errors of the cases, which precede it. */
function casesBefore(kept: ErrorObject[], { schemaPath, instancePath }: ErrorObject): readonly ErrorObject[] {
  const parent = schemaPath.slice(0, schemaPath.lastIndexOf("/") + 1);
  const first = kept.findLastIndex((each) => {
    const isBelow = each.instancePath === instancePath || each.instancePath.startsWith(`${instancePath}/`);
    // The errors of a case that is a reference have the path of the referenced schema.
    const isOfCase = each.schemaPath.startsWith(`${schemaPath}/`) || !each.schemaPath.startsWith(parent);
    return !isBelow || !isOfCase;
  });
  return kept.splice(first + 1);
}

function issueOf(error: ErrorObject, value: unknown): SchemaIssue {
  const { keyword, propertyName } = error;
  const params = error.params as Params;
  const path = pathOf(error.instancePath, value);
  const member = propertyName ?? (MEMBERS.has(keyword) ? params[MEMBERS.get(keyword) ?? ""] : undefined);
  if (typeof member === "string") path.push(member);
  const text = (MESSAGES[keyword] ?? otherMessage)(params, error);
  return { message: propertyName === undefined ? text : `its name ${text}`, path };
}

/** Keywords whose errors concern a member, with the parameter that names it. */
const MEMBERS: ReadonlyMap<string, string> = new Map([
  ["required", "missingProperty"],
  ["additionalProperties", "additionalProperty"],
  ["unevaluatedProperties", "unevaluatedProperty"],
  ["dependentRequired", "missingProperty"],
]);

const TYPES: Readonly<Record<string, string>> = {
  object: "an object",
  array: "a list",
  string: "a text",
  integer: "a whole number",
  number: "a number",
  boolean: "true or false",
  null: "null",
};

type Message = (params: Params, error: ErrorObject) => string;

const bound =
  (what: string): Message =>
  ({ limit }) =>
    `must have ${String(limit)} ${what}`;

const compared =
  (words: string): Message =>
  ({ limit }, { data }) =>
    `must be ${words} ${String(limit)}, got ${shownOption(data)}`;

const MESSAGES: Readonly<Record<string, Message>> = {
  type: ({ type }, { data }) => {
    const types = [...new Set(Array.isArray(type) ? (type as string[]) : [String(type)])];
    return `expected ${types.map((each) => TYPES[each]).join(" or ")}, got ${shownOption(data)}`;
  },
  required: () => "is required",
  dependentRequired: ({ property }) => `is required beside "${String(property)}"`,
  additionalProperties: unknownMember,
  unevaluatedProperties: unknownMember,
  enum: ({ allowedValues }, { data }) => {
    const allowed = allowedValues as readonly unknown[];
    const words = allowed.filter((each) => typeof each === "string").slice(0, 100);
    const meant = typeof data === "string" ? didYouMean(data, words) : "";
    const shown = allowed.slice(0, 20).map(shownOption).join(", ");
    return `expected ${shown}${allowed.length > 20 ? ", …" : ""}, got ${shownOption(data)}${meant}`;
  },
  const: ({ allowedValue }, { data }) => `expected ${shownOption(allowedValue)}, got ${shownOption(data)}`,
  minLength: bound("characters at least"),
  maxLength: bound("characters at most"),
  minItems: bound("elements at least"),
  maxItems: bound("elements at most"),
  items: bound("elements at most"),
  unevaluatedItems: ({ len }) => `must have ${String(len)} elements at most`,
  minProperties: bound("members at least"),
  maxProperties: bound("members at most"),
  uniqueItems: () => "must not have an element twice",
  contains: () => "does not have enough of the elements that it must have, or too many",
  pattern: ({ pattern }) => `must match the pattern ${shownOption(pattern)}`,
  format: ({ format }, { data }) => `expected the format "${String(format)}", got ${shownOption(data)}`,
  minimum: compared("at least"),
  maximum: compared("at most"),
  exclusiveMinimum: compared("greater than"),
  exclusiveMaximum: compared("less than"),
  multipleOf: ({ multipleOf }) => `must be a multiple of ${String(multipleOf)}`,
  anyOf: () => "fits none of the schemas that it may fit",
  oneOf: ({ passingSchemas }) =>
    passingSchemas === null
      ? "fits none of the schemas of which it must fit one"
      : "fits several of the schemas of which it must fit one",
  not: () => "fits a schema that it must not fit",
  "false schema": () => "must not be there",
};

function unknownMember(params: Params, { parentSchema }: ErrorObject): string {
  const name = String(params["additionalProperty"] ?? params["unevaluatedProperty"]);
  const known = Object.keys((parentSchema as { readonly properties?: object } | undefined)?.properties ?? {});
  return `there is no member with this name${didYouMean(name, known.slice(0, 100))}`;
}

function otherMessage(_params: Params, { message = "is wrong" }: ErrorObject): string {
  return message;
}

/** A JSON pointer as a path: an index of a list becomes a number. */
function pathOf(pointer: string, value: unknown): Path {
  const path: Path = [];
  let at = value;
  for (const part of pointer.split("/").slice(1)) {
    const name = part.replaceAll("~1", "/").replaceAll("~0", "~");
    path.push(Array.isArray(at) ? Number(name) : name);
    at = typeof at === "object" && at !== null ? (at as Readonly<Record<string, unknown>>)[name] : undefined;
  }
  return path;
}
