import type { DescField, DescMessage, JsonObject, JsonValue } from "@bufbuild/protobuf";
import { Violations } from "../../../core/error/violations.ts";
import { isUnderValue } from "../../../wire/any.ts";
import { messageFromJson } from "../../../protos/field-mask/message-json.ts";
import { fieldNamed } from "../../../protos/field-mask/path.ts";
import type { Types } from "../../../wire/proto/registry.ts";
import { typeLabel } from "./text-value.ts";

/**
 * Finds what is wrong with invalid JSON of a message, in Google's words: one violation per field.
 * Runs only after parsing has failed; it parses each value again separately.
 *
 * @see contract section 3.1
 */
export function bodyViolations(message: DescMessage, json: JsonValue, types: Types): Violations {
  const found = new Violations();
  new Search(types, found, READINGS_MAX).message(message, json, "");
  return found;
}

/**
 * The number of times that each value of a body may be parsed again. A body with one mistake needs
 * one; a deeply nested body would be parsed again from each level.
 */
const READINGS_MAX = 4;

class Search {
  readonly #types: Types;
  readonly #found: Violations;
  readonly #readingsMax: number;
  /** The number of values inside each object. */
  readonly #sizes = new WeakMap<object, number>();
  /**
   * The number of values that may still be parsed again as parts of others. Undefined before the
   * first parsing, which covers everything.
   */
  #left: number | undefined;

  constructor(types: Types, found: Violations, readingsMax: number) {
    this.#types = types;
    this.#found = found;
    this.#readingsMax = readingsMax;
  }

  message(message: DescMessage, json: JsonValue, at: string): void {
    const isWhole = !isObject(json) || isUnderValue(message.typeName);
    const wasRead = isWhole || this.#mayRead(json);
    if (wasRead && this.#reads(message, json)) return;
    if (isWhole || !isObject(json)) {
      this.#add(at, invalidValue(at, `type.googleapis.com/${message.typeName}`, json));
      return;
    }
    const before = this.#found.count;
    const seen = new Set<DescField>();
    for (const [key, value] of Object.entries(json)) {
      if (this.#found.isFull) return;
      const field = fieldNamed(message, key);
      if (field === undefined) this.#add(joined(at, shownName(key)), unknownName(key, at));
      else if (seen.has(field))
        this.#add(joined(at, field.name), `${INVALID} "${field.name}" is set more than once.`);
      else this.#field(message, field, { key, value, at });
      if (field !== undefined) seen.add(field);
    }
    // Each field is valid by itself: two fields of one oneof, or too deep nesting.
    if (wasRead && this.#found.count === before)
      this.#add(at, `${INVALID} The fields cannot be set together.`);
  }

  #field(
    message: DescMessage,
    field: DescField,
    { key, value, at }: { readonly key: string; readonly value: JsonValue; readonly at: string },
  ): void {
    const hasParts = Array.isArray(value) ? field.fieldKind === "list" : hasFields(field, value);
    if ((!hasParts || this.#mayRead(value)) && this.#reads(message, { [key]: value })) return;
    const path = joined(at, field.name);
    if (field.message !== undefined && field.fieldKind === "message")
      this.message(field.message, value, path);
    else if (field.fieldKind === "list" && Array.isArray(value)) this.#members(message, field, value, path);
    else if (field.fieldKind === "map" && field.message !== undefined && isObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (this.#found.isFull) return;
        this.message(field.message, member, `${path}[${JSON.stringify(shownName(name))}]`);
      }
    } else this.#add(path, invalidValue(path, typeLabel(field), value));
  }

  #members(message: DescMessage, field: DescField, values: readonly JsonValue[], path: string): void {
    if (field.message === undefined) return this.#scalars(message, field, { values, path, from: 0 });
    for (const [index, value] of values.entries()) {
      if (this.#found.isFull) return;
      this.message(field.message, value, `${path}[${index}]`);
    }
  }

  /** Parses many values together, and splits the halves that contain a mistake. */
  #scalars(
    message: DescMessage,
    field: DescField,
    {
      values,
      path,
      from,
    }: { readonly values: readonly JsonValue[]; readonly path: string; readonly from: number },
  ): void {
    if (this.#found.isFull || this.#reads(message, { [field.jsonName]: [...values] })) return;
    if (values.length <= 1) {
      const at = `${path}[${from}]`;
      this.#add(at, invalidValue(at, typeLabel(field), values[0]));
      return;
    }
    const half = values.length >> 1;
    this.#scalars(message, field, { values: values.slice(0, half), path, from });
    this.#scalars(message, field, { values: values.slice(half), path, from: from + half });
  }

  /** Whether to parse a value as a whole; otherwise its parts are examined one by one. */
  #mayRead(json: JsonValue): boolean {
    const size = this.#sizeOf(json);
    this.#left ??= this.#readingsMax * size;
    if (size > this.#left) return false;
    this.#left -= size;
    return true;
  }

  #sizeOf(json: JsonValue): number {
    if (typeof json !== "object" || json === null) return 1;
    const known = this.#sizes.get(json);
    if (known !== undefined) return known;
    const size = Object.values(json).reduce<number>((sum, each) => sum + this.#sizeOf(each), 1);
    this.#sizes.set(json, size);
    return size;
  }

  #reads(message: DescMessage, json: JsonValue): boolean {
    try {
      messageFromJson(message, json, this.#types);
      return true;
    } catch {
      return false;
    }
  }

  #add(field: string, description: string): void {
    this.#found.add(description, field);
  }
}

/** Whether the fields of a value, or of its elements, can be examined one by one. */
function hasFields({ fieldKind, message }: DescField, value: JsonValue): boolean {
  if (message === undefined || !isObject(value)) return false;
  return fieldKind === "map" || (fieldKind === "message" && !isUnderValue(message.typeName));
}

const INVALID = "Invalid JSON payload received.";

function unknownName(name: string, at: string): string {
  return `${INVALID} Unknown name "${shownName(name)}"${at === "" ? "" : ` at '${at}'`}: Cannot find field.`;
}

function shownName(name: string): string {
  return name.slice(0, 100);
}

function invalidValue(at: string, label: string, value: unknown): string {
  const shown = (JSON.stringify(value) ?? "").slice(0, 200);
  return `Invalid value${at === "" ? "" : ` at '${at}'`} (${label}), ${shown}`;
}

/** The message for a path variable or a parameter with an invalid value for its field. */
export function invalidText(path: string, field: DescField, text: string): string {
  return invalidValue(path, typeLabel(field), text);
}

function joined(at: string, name: string): string {
  return at === "" ? name : `${at}.${name}`;
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}
