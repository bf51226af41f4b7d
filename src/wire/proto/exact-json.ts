import {
  create,
  type DescField,
  type DescMessage,
  type JsonObject,
  type JsonValue,
  ScalarType,
  toJson,
} from "@bufbuild/protobuf";
import { AnySchema, isWrapperDesc, ListValueSchema, StructSchema, ValueSchema } from "@bufbuild/protobuf/wkt";
import { isPlain, JsonError, lostNumberError, pathText, writeJson } from "../../core/value/json.ts";
import { LIMITS } from "../../core/limits.ts";
import { didYouMean } from "../../core/value/nearest.ts";
import { lostNumber, sourceOf } from "../../core/value/number-source.ts";
import { isUnderValue } from "../any.ts";
import { durationJson, enumJson, InexactError, scalarJson, shown, timestampJson } from "./exact-scalar.ts";
import { holdsNull, isKind, memberField, typeNameOf } from "./member-field.ts";
import { oddMaskText } from "./mask-text.ts";
import type { Types } from "./registry.ts";

/** The size limit of a message, in characters of its values; the conversion stops there. */
const SIZE_MAX = LIMITS.requestBytesMax;

/**
 * Converts a value exactly to the proto-JSON of a message.
 *
 * From code it accepts messages, plain objects, proto-JSON, and any mixture of them: names in
 * lowerCamelCase or as in the proto, numbers or texts, a Date for a Timestamp; null is unset.
 *
 * @throws {JsonError} with the place, such as `instance.createTime`
 */
export function exactJson(
  desc: DescMessage,
  value: unknown,
  { types, from }: { readonly types: Types; readonly from: "json" | "code" },
): JsonValue {
  return new ExactJson(types, from === "code").message(desc, value);
}

class ExactJson {
  readonly #types: Types;
  readonly #fromCode: boolean;
  readonly #path: (string | number)[] = [];
  #size = 0;

  constructor(types: Types, fromCode: boolean) {
    this.#types = types;
    this.#fromCode = fromCode;
  }

  /** @param source the text of a number, for a message that is a number in JSON */
  message(desc: DescMessage, value: unknown, source?: string): JsonValue {
    if (this.#path.length > 2 * LIMITS.jsonDepthMax)
      throw this.#error(`must be nested ${LIMITS.jsonDepthMax} levels at most`);
    if (desc.typeName.startsWith("google.protobuf.")) {
      const known = this.#wellKnown(desc, value, source);
      if (known !== undefined) return known;
    }
    return this.#members(desc, this.#object(desc, value));
  }

  #error(rule: string, cause?: unknown): JsonError {
    return new JsonError(pathText(this.#path), rule, cause);
  }

  /** An object that may be a message of the type. */
  #object(desc: DescMessage, value: unknown): Readonly<Record<string, unknown>> {
    const name = typeNameOf(value);
    if (name !== undefined && name !== desc.typeName)
      throw this.#error(`expected a ${desc.typeName}, got a ${name}`);
    if (
      typeof value !== "object" ||
      value === null ||
      Array.isArray(value) ||
      (name === undefined && !isPlain(value))
    )
      throw this.#error(
        `expected a ${desc.typeName}, got ${value === null ? "null" : typeof value === "object" ? shown(value) : typeof value}`,
      );
    return value as Readonly<Record<string, unknown>>;
  }

  #members(desc: DescMessage, value: Readonly<Record<string, unknown>>): JsonObject {
    const json: JsonObject = {};
    for (const [key, given] of Object.entries(value)) {
      if (key === "$typeName" || key === "$unknown" || given === undefined) continue;
      this.#path.push(key);
      if (key.startsWith("[") && /^\[.+\]$/.test(key)) {
        // An extension; the reader knows whether it exists.
        set(json, key, this.#plain(given));
        this.#path.pop();
        continue;
      }
      const [field, member] = this.#leaf(() =>
        memberField(desc, { name: key, given, fromCode: this.#fromCode }),
      );
      if (field !== undefined && Object.hasOwn(json, field.jsonName)) throw this.#error("it is set twice");
      if (field !== undefined && member !== undefined)
        set(json, field.jsonName, this.#value(field, member, value));
      this.#path.pop();
    }
    return json;
  }

  #value(field: DescField, value: unknown, holder: object): JsonValue {
    if (value === null && !holdsNull(field)) return null;
    if (field.fieldKind === "list") return this.#list(field, value);
    if (field.fieldKind === "map") return this.#map(field, value);
    return this.#single(field, value, holder);
  }

  #list(field: DescField, value: unknown): JsonValue {
    if (!Array.isArray(value)) throw this.#error(`expected a list, got ${shown(value)}`);
    const list: JsonValue[] = [];
    for (let index = 0; index < value.length; index++) {
      const each: unknown = value[index];
      this.#path.push(index);
      if (each === undefined || (each === null && !holdsNull(field)))
        throw this.#error(`a list cannot hold ${each}`);
      list.push(this.#single(field, each, value));
      this.#path.pop();
    }
    return list;
  }

  #map(field: DescField, value: unknown): JsonValue {
    if (typeof value !== "object" || value === null || Array.isArray(value) || !isPlain(value))
      throw this.#error(`expected an object with the entries, got ${shown(value)}`);
    const json: JsonObject = {};
    for (const [key, member] of Object.entries(value)) {
      this.#path.push(key);
      if (member === undefined || (member === null && !holdsNull(field)))
        throw this.#error(`a map cannot hold ${member}`);
      this.#checkKey(field, key);
      set(json, key, this.#single(field, member, value));
      this.#path.pop();
    }
    return json;
  }

  #checkKey(field: DescField, key: string): void {
    if (field.fieldKind !== "map" || (field.mapKey === ScalarType.BOOL && /^(?:true|false)$/.test(key)))
      return;
    if (
      field.mapKey !== ScalarType.STRING &&
      field.mapKey !== ScalarType.BOOL &&
      !/^-?(?:0|[1-9]\d*)$/.test(key)
    )
      throw this.#error("expected a whole number as the key");
    this.#leaf(() => scalarJson(field.mapKey, key), key.length);
  }

  #single(field: DescField, value: unknown, holder: object): JsonValue {
    const source = sourceOf(holder, this.#path.at(-1) ?? "");
    if (field.message !== undefined) return this.message(field.message, value, source);
    const { enum: desc, scalar } = field;
    const size = typeof value === "string" || value instanceof Uint8Array ? value.length : 1;
    return this.#leaf(() => {
      if (desc !== undefined)
        return desc.typeName === "google.protobuf.NullValue" && value === null ? null : enumJson(desc, value);
      return scalarJson(scalar ?? ScalarType.STRING, value, source);
    }, size);
  }

  #leaf<Json>(read: () => Json, size = 1): Json {
    this.#size += size + 1;
    if (this.#size > SIZE_MAX) throw new JsonError("", `must be ${SIZE_MAX} bytes at most, got more`);
    try {
      return read();
    } catch (error) {
      if (error instanceof InexactError) throw this.#error(error.message, error);
      throw error;
    }
  }

  /** Converts types with a special JSON form; undefined for others. */
  #wellKnown(desc: DescMessage, value: unknown, source?: string): JsonValue | undefined {
    switch (desc.typeName) {
      case "google.protobuf.Timestamp":
        return this.#leaf(() => timestampJson(this.#timeText(desc, value)));
      case "google.protobuf.Duration":
        return this.#leaf(() => durationJson(this.#timeText(desc, value)));
      case "google.protobuf.FieldMask":
        return this.#mask(desc, value);
      case "google.protobuf.Any":
        return this.#any(value);
      case "google.protobuf.Struct":
      case "google.protobuf.Value":
      case "google.protobuf.ListValue":
        return this.#free(desc, value);
      default:
        return isWrapperDesc(desc) ? this.#wrapper(desc, value, source) : undefined;
    }
  }

  /** The text of a Timestamp or Duration, from any of its forms. */
  #timeText(desc: DescMessage, value: unknown): unknown {
    if (!this.#fromCode || typeof value !== "object" || value === null) return value;
    if (value instanceof Date && desc.typeName === "google.protobuf.Timestamp")
      return Number.isNaN(value.getTime()) ? "an invalid Date" : value.toISOString();
    const { seconds = 0n, nanos = 0 } = this.#known(desc, value, ["seconds", "nanos"]);
    return this.#written(desc, {
      seconds: BigInt(scalarJson(ScalarType.INT64, seconds) as string),
      nanos: Number(scalarJson(ScalarType.INT32, nanos)),
    });
  }

  /** An object with only these members. */
  #known(desc: DescMessage, value: unknown, names: readonly string[]): Readonly<Record<string, unknown>> {
    const object = this.#object(desc, value);
    for (const key of Object.keys(object)) {
      if (key.startsWith("$") || names.includes(key)) continue;
      throw this.#error(
        `${desc.typeName} has no field ${JSON.stringify(key.slice(0, 100))}${didYouMean(key, names)}`,
      );
    }
    return object;
  }

  /** The library's JSON for a message of a well-known type. */
  #written(desc: DescMessage, init: object): JsonValue {
    try {
      return toJson<DescMessage, { registry: Types }>(desc, create(desc, init as never), {
        registry: this.#types,
      });
    } catch (error) {
      throw this.#error(error instanceof Error ? error.message : String(error), error);
    }
  }

  #mask(desc: DescMessage, value: unknown): JsonValue {
    if (typeof value === "string") return value;
    if (this.#fromCode) {
      const known = this.#known(desc, value, ["paths"]);
      return oddMaskText(known["paths"]) ?? this.#written(desc, known);
    }
    throw this.#error(`expected fields such as "displayName,labels", got ${shown(value)}`);
  }

  #wrapper(desc: DescMessage, value: unknown, source?: string): JsonValue {
    const [{ scalar } = { scalar: undefined }] = desc.fields;
    const isMessage =
      this.#fromCode && typeof value === "object" && value !== null && !(value instanceof Uint8Array);
    const inner = isMessage ? this.#known(desc, value, ["value"])["value"] : value;
    return this.#leaf(() => scalarJson(scalar ?? ScalarType.STRING, inner, source));
  }

  #any(value: unknown): JsonValue {
    const object = this.#object(AnySchema, value);
    if (this.#fromCode && "typeUrl" in object) {
      return this.#written(AnySchema, this.#known(AnySchema, object, ["typeUrl", "value"]));
    }
    const { "@type": type, ...members } = object;
    const name = typeof type === "string" ? type.slice(type.lastIndexOf("/") + 1) : "";
    const desc = this.#types.getMessage(name);
    if (desc === undefined) return this.#plain(object);
    const inner = isUnderValue(name)
      ? { value: this.message(desc, members["value"]) }
      : this.#members(desc, members);
    return { "@type": type as string, ...inner };
  }

  /** A value with any JSON in it. */
  #free(desc: DescMessage, value: unknown): JsonValue {
    const isMessage =
      typeNameOf(value) === desc.typeName || (desc.typeName === ValueSchema.typeName && isKind(value));
    if (this.#fromCode && isMessage) return this.#written(desc, value as object);
    const json = this.#plain(value);
    if (
      desc.typeName === StructSchema.typeName &&
      (typeof json !== "object" || json === null || Array.isArray(json))
    )
      throw this.#error(`expected an object, got ${shown(value)}`);
    if (desc.typeName === ListValueSchema.typeName && !Array.isArray(json))
      throw this.#error(`expected a list, got ${shown(value)}`);
    return json;
  }

  #plain(value: unknown): JsonValue {
    const lost = lostNumber(value, this.#path);
    if (lost !== undefined) throw lostNumberError(lost);
    try {
      return JSON.parse(writeJson(value, { bytesMax: SIZE_MAX })) as JsonValue;
    } catch (error) {
      if (!(error instanceof JsonError)) throw error;
      const below = error.path === "" || error.path.startsWith("[") ? error.path : `.${error.path}`;
      throw new JsonError(
        `${pathText(this.#path)}${this.#path.length === 0 ? error.path : below}`,
        error.rule,
        error,
      );
    }
  }
}

/** Only a name that has a setter needs to be defined, which makes objects slow: a request may hold ten thousand messages. */
function set(json: JsonObject, name: string, value: JsonValue): void {
  if (name !== "__proto__") json[name] = value;
  else Object.defineProperty(json, name, { value, enumerable: true, configurable: true, writable: true });
}
