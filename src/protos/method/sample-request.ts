import {
  create,
  type DescField,
  type DescMessage,
  type DescMethodUnary,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { bindingsOf, type Binding, type BoundVariable } from "../http-rule/binding.ts";
import { isRequired } from "./required-fields.ts";

/** Messages may be recursive; samples need not show that. */
const DEPTH_MAX = 6;

/**
 * A request that an RPC would probably accept, as JSON, for a first call: the REQUIRED fields, and
 * the resource in the RPC's path.
 *
 * @param binding the address. @default the RPC's first one
 */
export function sampleRequest(rpc: DescMethodUnary, binding = bindingsOf(rpc)[0]): JsonObject {
  const isNew = rpc.input.fields.some(({ name }) => name === "parent");
  const sample = sampleMessage(rpc.input, { depth: 0, isNew }) as JsonObject;
  for (const variable of binding?.variables ?? []) {
    const last = variable.fields.at(-1);
    if (binding === undefined || last?.scalar !== ScalarType.STRING) continue;
    let at = sample;
    for (const { jsonName } of variable.fields.slice(0, -1)) at = (at[jsonName] ??= {}) as JsonObject;
    at[last.jsonName] = resourceName(binding, variable);
  }
  return sample;
}

/** A name such as `shelves/1/books/1` for `{name=shelves/*\/books/*}`. */
function resourceName({ template }: Binding, { start, end }: BoundVariable): string {
  const segments = template.segments.slice(start, end);
  return segments.map((segment) => (segment.kind === "literal" ? segment.text : "1")).join("/");
}

/** The place of a value in the sample, and whether the request creates a resource. */
interface Place {
  readonly depth: number;
  readonly isNew: boolean;
}

function sampleMessage(desc: DescMessage, { depth, isNew }: Place): JsonValue {
  if (desc.typeName.startsWith("google.protobuf.")) return wellKnown(desc);
  if (depth > DEPTH_MAX) return {};
  // The service gives a new resource its name (AIP-133).
  const isGiven = ({ name }: DescField): boolean => !isNew || depth === 0 || name !== "name";
  const fields = desc.fields.filter((field) => isRequired(field) && isGiven(field));
  const inside = { depth: depth + 1, isNew };
  return Object.fromEntries(fields.map((field) => [field.jsonName, sampleField(field, inside)]));
}

/** An empty message in JSON; an object for types whose empty message has no JSON form. */
function wellKnown(desc: DescMessage): JsonValue {
  try {
    return toJson(desc, create(desc));
  } catch {
    return {};
  }
}

function sampleField(field: DescField, place: Place): JsonValue {
  const value = sampleValue(field, place);
  if (field.fieldKind === "list") return [value];
  if (field.fieldKind !== "map") return value;
  const key = sampleScalar(field.mapKey);
  return { [String(key)]: value };
}

function sampleValue(field: DescField, place: Place): JsonValue {
  if (field.message !== undefined) return sampleMessage(field.message, place);
  if (field.enum === undefined) return sampleScalar(field.scalar);
  const { values } = field.enum;
  return (values.find(({ number }) => number !== 0) ?? values[0])?.name ?? 0;
}

function sampleScalar(type: ScalarType | undefined): string | number | boolean {
  if (type === ScalarType.STRING) return "text";
  if (type === ScalarType.BYTES) return "dGV4dA==";
  return type === ScalarType.BOOL ? true : 1;
}
