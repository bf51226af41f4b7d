import {
  type DescField,
  type DescMessage,
  type DescMethodUnary,
  getOption,
  hasOption,
} from "@bufbuild/protobuf";
import { http } from "../../wire/gen/google/api/annotations_pb.ts";
import type { HttpRule } from "../../wire/gen/google/api/http_pb.ts";
import { rpcName } from "../method/operation-info.ts";
import { parseTemplate, type Template, type TemplateVariable } from "./template.ts";

/** An HTTP method and path for calls of an RPC. @see google/api/http.proto, HttpRule */
export interface Binding {
  readonly rpc: DescMethodUnary;
  /** In upper case, such as `PATCH`; `*` for any. */
  readonly httpMethod: string;
  readonly template: Template;
  readonly variables: readonly BoundVariable[];
  /**
   * The content of the body: the whole request except the path variables, one field, or nothing.
   */
  readonly body: "*" | DescField | undefined;
  /** The field of the response that is the answer; undefined for the whole response. */
  readonly responseBody: DescField | undefined;
}

/** A variable of the path and its field: the last of these nested fields. */
export interface BoundVariable extends TemplateVariable {
  readonly fields: readonly DescField[];
}

/**
 * The bindings of an RPC: that of its `google.api.http`, and the additional ones. None for an RPC
 * without this option.
 *
 * @throws {TypeError} for a rule that contradicts the RPC's messages, with the RPC and the problem
 */
export function bindingsOf(rpc: DescMethodUnary): readonly Binding[] {
  if (!hasOption(rpc, http)) return [];
  const rule = getOption(rpc, http);
  try {
    if (rule.additionalBindings.some((each) => each.additionalBindings.length > 0))
      throw new TypeError("additional bindings cannot have additional bindings");
    return [rule, ...rule.additionalBindings].map((each) => bindingOf(rpc, each));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`${rpcName(rpc)}: google.api.http: ${error.message}`, { cause: error });
  }
}

function bindingOf(rpc: DescMethodUnary, rule: HttpRule): Binding {
  const { httpMethod, path } = patternOf(rule);
  const template = parseTemplate(path);
  const variables = template.variables.map((variable) => {
    return { ...variable, fields: pathFields(rpc.input, variable.fieldPath) };
  });
  const body = bodyOf(rpc.input, rule.body);
  if (body !== undefined && (httpMethod === "GET" || httpMethod === "HEAD"))
    throw new TypeError(`${httpMethod} ${path} cannot have a body`);
  const responseBody =
    rule.responseBody === "" ? undefined : topField(rpc.output, rule.responseBody, "response_body");
  return { rpc, httpMethod, template, variables, body, responseBody };
}

function patternOf({ pattern }: HttpRule): { readonly httpMethod: string; readonly path: string } {
  if (pattern.case === undefined)
    throw new TypeError("expected one of get, put, post, delete, patch, custom");
  if (pattern.case !== "custom") return { httpMethod: pattern.case.toUpperCase(), path: pattern.value };
  const { kind, path } = pattern.value;
  if (!/^(?:\*|[A-Za-z-]+)$/.test(kind)) throw new TypeError(`"${kind}" is no HTTP method`);
  return { httpMethod: kind.toUpperCase(), path };
}

/**
 * The fields of a path such as `instance.name`. It must end at a single value that is not a
 * message.
 */
function pathFields(input: DescMessage, path: readonly string[]): readonly DescField[] {
  const fields: DescField[] = [];
  let message: DescMessage | undefined = input;
  for (const name of path) {
    const field: DescField | undefined = message?.fields.find((each) => each.name === name);
    if (field === undefined)
      throw new TypeError(`${input.typeName} has no field "${path.join(".")}" for the path to bind`);
    fields.push(field);
    message = field.fieldKind === "message" ? field.message : undefined;
  }
  const kind = fields.at(-1)?.fieldKind;
  if (kind !== "scalar" && kind !== "enum")
    throw new TypeError(
      `the path binds "${path.join(".")}", which is not a single value of a primitive type`,
    );
  return fields;
}

function bodyOf(input: DescMessage, name: string): Binding["body"] {
  if (name === "" || name === "*") return name === "" ? undefined : name;
  const field = topField(input, name, "body");
  if (field.fieldKind !== "message" && field.fieldKind !== "map")
    throw new TypeError(`body: "${name}" is no message, and the body is always an object`);
  return field;
}

function topField(message: DescMessage, name: string, what: string): DescField {
  const field = message.fields.find((each) => each.name === name);
  if (field === undefined) throw new TypeError(`${what}: ${message.typeName} has no field "${name}"`);
  return field;
}
