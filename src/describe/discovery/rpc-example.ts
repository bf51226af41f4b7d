import type { DescField, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { ScalarType } from "@bufbuild/protobuf";
import type { Binding } from "../../protos/http-rule/binding.ts";
import { sampleRequest } from "../../protos/method/sample-request.ts";

/** A call of an RPC at one of its addresses that the RPC would probably accept. */
export interface RpcExample {
  /** The whole request, as `POST /v1:{name}` takes it. */
  readonly request: JsonObject;
  /** The values of the parameters in the flat path and in the query, by name. */
  readonly parameters: Readonly<Record<string, JsonValue>>;
  /** Undefined if the address has no body. */
  readonly body: JsonValue | undefined;
}

/**
 * The example of a binding: its sample request, divided among path, query and body.
 *
 * @param names.path the names in the flat path, in order
 * @param names.query the names of the query's parameters
 * @see google/api/http.proto, "Rules for HTTP mapping"
 */
export function rpcExample(
  binding: Binding,
  names: { readonly path: readonly string[]; readonly query: Iterable<string> },
): RpcExample {
  const { rpc, variables, body } = binding;
  const request = sampleRequest(rpc, binding);
  const rest = structuredClone(request);
  for (const { fields } of variables) remove(rest, fields);
  const inPath = names.path.map((name) => [name, segmentFor(binding, name)] as const);
  const whole = body === "*" ? rest : undefined;
  const inBody = body === undefined ? undefined : (whole ?? rest[(body as DescField).jsonName] ?? {});
  const query = valuesOf(rest, new Set(names.query));
  return { request, parameters: { ...Object.fromEntries(inPath), ...query }, body: inBody };
}

/** `1` is a name, a number and the number of an enum's value. */
function segmentFor({ variables }: Binding, name: string): string {
  const field = variables
    .find(({ isSingle, fields }) => isSingle && fields.at(-1)?.jsonName === name)
    ?.fields.at(-1);
  return field?.scalar === ScalarType.BOOL ? "true" : "1";
}

function remove(request: JsonObject, fields: readonly DescField[]): void {
  let at: JsonValue | undefined = request;
  for (const { jsonName } of fields.slice(0, -1)) at = isObject(at) ? at[jsonName] : undefined;
  const last = fields.at(-1);
  if (isObject(at) && last !== undefined) delete at[last.jsonName];
}

/** The values with these names; the name of a nested value is its path, such as `disk.sizeGb`. */
function valuesOf(value: JsonObject, names: ReadonlySet<string>, before = ""): Record<string, JsonValue> {
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, each]) => {
      const name = before + key;
      if (names.has(name)) return [[name, each] as const];
      return isObject(each) ? Object.entries(valuesOf(each, names, `${name}.`)) : [];
    }),
  );
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
