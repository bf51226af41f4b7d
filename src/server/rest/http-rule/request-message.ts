import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  type Message,
} from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { fieldError, Violations } from "../../../core/error/violations.ts";
import { invariant } from "../../../core/invariant.ts";
import { LIMITS } from "../../../core/limits.ts";
import { isMask } from "../../../protos/field-mask/masked-field.ts";
import { mergeJson, withoutMasks } from "../../../protos/field-mask/message-json.ts";
import { fieldNamed } from "../../../protos/field-mask/path.ts";
import type { Binding, BoundVariable } from "../../../protos/http-rule/binding.ts";
import type { Types } from "../../../wire/proto/registry.ts";
import { decodeAll, decodeButSlashes } from "../percent-encoding.ts";
import { type QueryParameter, unknownParameters } from "../query.ts";
import { emptyIsValue, textJson, textTypeOf } from "./text-value.ts";
import { bodyViolations, invalidText } from "./body-violations.ts";

/** The parts of a call that form its request. */
export interface CallParts {
  /** The values of the path's variables, not decoded, in their order. */
  readonly values: readonly string[];
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** The JSON of the body; `{}` for none. */
  readonly body: JsonObject;
}

/**
 * Builds a request: first from the body, then from the query, then from the path, which therefore
 * overrides the body.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID, PARAMETER_INVALID, NAME_INVALID, with a violation for each field
 * @see google/api/http.proto, "Rules for HTTP mapping"
 */
export function requestMessage(binding: Binding, parts: CallParts, types: Types): Message {
  const { input } = binding.rpc;
  const message = create(input);
  const query = queryJson(binding, parts.query);
  const path = pathJson(binding.variables, parts.values);
  mergeBody(binding, message, parts.body, types);
  mergeTexts(message, input, query, types);
  mergeTexts(message, input, path, types);
  return message;
}

function mergeBody({ rpc, body }: Binding, message: Message, json: JsonObject, types: Types): void {
  if (body === undefined) {
    const violations = bodyViolations(EmptySchema, json, types);
    if (violations.count > 0) throw violations.error("REQUEST_INVALID");
    return;
  }
  const whole = body === "*" ? json : { [body.jsonName]: json };
  try {
    mergeJson(rpc.input, message, whole, types);
  } catch (error) {
    const { plain } = withoutMasks(rpc.input, whole);
    throw bodyViolations(rpc.input, plain, types).error("REQUEST_INVALID", { cause: error });
  }
}

function mergeTexts(message: Message, input: DescMessage, json: JsonObject, types: Types): void {
  try {
    mergeJson(input, message, json, types);
  } catch {
    throw bodyViolations(input, withoutMasks(input, json).plain, types).error("PARAMETER_INVALID");
  }
}

/** The query parameters as the JSON of a request. */
function queryJson(binding: Binding, query: readonly QueryParameter[]): JsonObject {
  const json: JsonObject = {};
  const unknown: string[] = [];
  const violations = new Violations();
  const masks = new Map<string, boolean>();
  for (const [name, text] of query) {
    const fields = parameterFields(binding, name);
    const field = fields?.at(-1);
    const type = field === undefined ? undefined : textTypeOf(field);
    if (fields === undefined || field === undefined || type === undefined) {
      unknown.push(name);
      continue;
    }
    if (text === "" && !emptyIsValue(type)) continue;
    if (isMask(field) && isGivenTwice(masks, pathOf(fields), name)) {
      violations.add(() => twice(pathOf(fields)), pathOf(fields));
      continue;
    }
    const value = textJson(text, type);
    if (value === undefined) violations.add(() => invalidText(pathOf(fields), field, text), pathOf(fields));
    else setAt(json, fields, value);
  }
  if (unknown.length > 0) throw unknownParameters(unknown);
  if (violations.count > 0) throw violations.error("PARAMETER_INVALID");
  return json;
}

/** Whether a mask is given both as a text and path by path. */
function isGivenTwice(masks: Map<string, boolean>, mask: string, parameter: string): boolean {
  const byPath = parameter.endsWith(".paths");
  const before = masks.get(mask) ?? byPath;
  masks.set(mask, before);
  return before !== byPath;
}

function twice(mask: string): string {
  return `Invalid value at '${mask}': the mask is given as a text and by its paths; give one of them.`;
}

/**
 * The fields that a parameter such as `instance.displayName` names, by their JSON names or proto
 * names. Undefined for unknown fields, and for fields that belong to the body. `updateMask.paths`
 * is the mask itself: some clients send its paths one by one.
 */
function parameterFields({ rpc, body }: Binding, name: string): readonly DescField[] | undefined {
  const names = name.split(".");
  if (body === "*" || names.length > LIMITS.jsonDepthMax) return undefined;
  const fields: DescField[] = [];
  let message: DescMessage | undefined = rpc.input;
  for (const each of names) {
    const last = fields.at(-1);
    if (last !== undefined && isMask(last) && each === "paths" && fields.length === names.length - 1)
      return fields;
    const field: DescField | undefined = message === undefined ? undefined : fieldNamed(message, each);
    if (field === undefined || (fields.length === 0 && field === body)) return undefined;
    fields.push(field);
    // A message whose JSON is a text has no fields that a parameter could name.
    message = field.fieldKind === "message" && textTypeOf(field) === undefined ? field.message : undefined;
  }
  return fields;
}

/** The values of the path as the JSON of a request. */
function pathJson(variables: readonly BoundVariable[], values: readonly string[]): JsonObject {
  const json: JsonObject = {};
  for (const [index, { fields, isSingle }] of variables.entries()) {
    const raw = values[index] ?? "";
    const text = isSingle ? decodeAll(raw) : decodeButSlashes(raw);
    const field = fields.at(-1);
    const type = field === undefined ? undefined : textTypeOf(field);
    invariant(field !== undefined && type !== undefined, "a binding is checked when it is made");
    const value = textJson(text, type);
    if (value === undefined) {
      const path = pathOf(fields);
      throw fieldError("PARAMETER_INVALID", { field: path, description: invalidText(path, field, text) });
    }
    setAt(json, fields, value);
  }
  return json;
}

/**
 * Sets a value inside nested objects. The last occurrence of a repeated parameter counts, unless
 * its field is repeated or a mask, whose paths accumulate.
 */
function setAt(json: JsonObject, fields: readonly DescField[], value: JsonValue): void {
  let object = json;
  for (const { jsonName } of fields.slice(0, -1)) object = (object[jsonName] ??= {}) as JsonObject;
  const field = fields.at(-1);
  invariant(field !== undefined, "a path of fields has one at least");
  const { jsonName, fieldKind } = field;
  const before = object[jsonName];
  if (fieldKind === "list") ((object[jsonName] ??= []) as JsonValue[]).push(value);
  else if (isMask(field) && typeof before === "string" && typeof value === "string")
    object[jsonName] = `${before},${value}`;
  else object[jsonName] = value;
}

function pathOf(fields: readonly DescField[]): string {
  return fields.map(({ name }) => name).join(".");
}
