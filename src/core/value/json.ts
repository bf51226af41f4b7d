import { LIMITS } from "../limits.ts";
import type { LostNumber } from "./number-source.ts";
import { hasMoreBytes } from "./text.ts";

/**
 * A value that JSON cannot express, or that is too large. The message begins with its place, such
 * as `files[3].size`.
 */
export class JsonError extends TypeError {
  /** Empty for the value as a whole. */
  readonly path: string;
  /** The violated rule, without the place. */
  readonly rule: string;

  constructor(path: string, rule: string, cause?: unknown) {
    super(path === "" ? rule : `${path}: ${rule}`, cause === undefined ? undefined : { cause });
    this.path = path;
    this.rule = rule;
  }
}

/** Options for writing a value. */
export interface JsonSetting {
  /** Sorts members by name (RFC 8785), so that equal values have equal texts. @default false */
  readonly sorted?: boolean;
  /** The limit in bytes of UTF-8. @default no limit */
  readonly bytesMax?: number;
}

/**
 * Writes a user's value like `JSON.stringify`, including `toJSON`, but rejects values that it would
 * lose: `NaN`, a Map, a function, an `undefined` in a list. Members with `undefined` are omitted,
 * as usual in JSON.
 *
 * The work is limited by `bytesMax`, not by the value: writing stops at the limit.
 *
 * @throws {JsonError} with the place of a value that JSON cannot express; for half of a surrogate
 *   pair, which no peer accepts; for more than `LIMITS.jsonDepthMax` levels; and for a text above
 *   the limit
 */
export function writeJson(value: unknown, setting: JsonSetting = {}): string {
  const writer = new JsonWriter(setting);
  if (!writer.write(value, ""))
    throw writer.error(`expected a value that JSON can hold, got ${nameOf(value)}`);
  if (setting.bytesMax !== undefined && hasMoreBytes(writer.text, setting.bytesMax)) throw writer.tooLong();
  return writer.text;
}

/** Writes a request in the form that is stored and compared. @throws {JsonError} */
export function canonicalJson(value: unknown): string {
  return writeJson(value ?? null, { sorted: true, bytesMax: LIMITS.requestBytesMax });
}

/** The error for a received number that could not be kept exactly. */
export function lostNumberError({ path, source }: LostNumber): JsonError {
  const rule = `the number ${source.slice(0, 100)} cannot be kept exactly; write it as a text`;
  return new JsonError(pathText(path), rule);
}

class JsonWriter {
  text = "";
  readonly #sorted: boolean;
  readonly #bytesMax: number;
  readonly #path: (string | number)[] = [];
  /** The objects that contain the place. */
  readonly #around: object[] = [];

  constructor({ sorted = false, bytesMax = Number.POSITIVE_INFINITY }: JsonSetting) {
    this.#sorted = sorted;
    this.#bytesMax = bytesMax;
  }

  error(rule: string, cause?: unknown): JsonError {
    return new JsonError(pathText(this.#path), rule, cause);
  }

  /** @returns false for `undefined`; neither the value nor `before` is written then */
  write(given: unknown, before: string): boolean {
    const value = this.#converted(given);
    switch (typeof value) {
      case "undefined":
        return false;
      case "string":
        this.#put(before + this.#quoted(value));
        return true;
      case "number":
        if (!Number.isFinite(value)) throw this.error(`JSON has no ${value}`);
        this.#put(`${before}${value}`);
        return true;
      case "boolean":
        this.#put(`${before}${value}`);
        return true;
      case "object":
        this.#put(before);
        this.#writeObject(value);
        return true;
      default:
        throw this.error(`JSON has no ${nameOf(value)}`);
    }
  }

  /** The result of an object's `toJSON`. */
  #converted(value: unknown): unknown {
    if (typeof value !== "object" && typeof value !== "bigint" && typeof value !== "function") return value;
    if (value === null) return value;
    if (value instanceof Date && Number.isNaN(value.getTime())) throw this.error("the date is invalid");
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON === "function") return this.#askedFor(value, toJSON as (key: string) => unknown);
    return value;
  }

  #askedFor(value: unknown, toJson: (key: string) => unknown): unknown {
    try {
      return toJson.call(value, String(this.#path.at(-1) ?? ""));
    } catch (cause) {
      throw this.error(
        `its toJSON() failed: ${cause instanceof Error ? cause.message : String(cause)}`,
        cause,
      );
    }
  }

  #writeObject(value: object | null): void {
    if (value === null) {
      this.#put("null");
      return;
    }
    if (this.#around.includes(value)) throw this.error("it contains itself");
    if (this.#around.length >= LIMITS.jsonDepthMax)
      throw new JsonError("", `must be nested ${LIMITS.jsonDepthMax} levels at most`);
    this.#around.push(value);
    if (Array.isArray(value)) this.#writeList(value);
    else this.#writeMembers(value);
    this.#around.pop();
  }

  #writeList(values: readonly unknown[]): void {
    this.#put("[");
    for (let index = 0; index < values.length; index++) {
      this.#path.push(index);
      if (!this.write(values[index], index === 0 ? "" : ","))
        throw this.error("a list cannot hold undefined");
      this.#path.pop();
    }
    this.#put("]");
  }

  #writeMembers(value: object): void {
    if (!isPlain(value)) {
      if (!isWrapper(value)) throw this.error(`JSON has no ${nameOf(value)}`);
      this.write(value.valueOf(), "");
      return;
    }
    const symbols = Object.getOwnPropertySymbols(value);
    if (symbols.length > 0) this.#refuseSymbols(value, symbols);
    const names = Object.keys(value);
    if (this.#sorted) names.sort((a, b) => (a < b ? -1 : 1));
    this.#put("{");
    let separator = "";
    for (const name of names) {
      this.#path.push(name);
      const member = (value as Readonly<Record<string, unknown>>)[name];
      if (member !== undefined && this.write(member, `${separator}${this.#quoted(name)}:`)) separator = ",";
      this.#path.pop();
    }
    this.#put("}");
  }

  #refuseSymbols(value: object, symbols: readonly symbol[]): void {
    const shown = symbols.find((each) => Object.prototype.propertyIsEnumerable.call(value, each));
    if (shown !== undefined)
      throw this.error(`JSON has no members named by symbols, such as ${String(shown)}`);
  }

  #quoted(text: string): string {
    if (this.text.length + text.length > this.#bytesMax) throw this.tooLong();
    if (!text.isWellFormed())
      throw this.error("the text has half of a surrogate pair, which is no character");
    return JSON.stringify(text);
  }

  #put(text: string): void {
    this.text += text;
    if (this.text.length > this.#bytesMax) throw this.tooLong();
  }

  tooLong(): JsonError {
    return new JsonError("", `must be ${this.#bytesMax} bytes of JSON at most, got more`);
  }
}

/**
 * Whether an object comes from braces or `JSON.parse`, even in another realm, so that its members
 * are all its data.
 */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether it is a wrapper of a string, a number or a boolean, such as `Object("a")`. */
function isWrapper(value: object): boolean {
  return /^\[object (?:String|Number|Boolean)\]$/.test(Object.prototype.toString.call(value));
}

/**
 * The name of a value that JSON cannot express, such as `Map`, `function`, `instance of Archive`.
 */
function nameOf(value: unknown): string {
  if (typeof value === "bigint") return "BigInt";
  if (typeof value !== "object" || value === null) return typeof value;
  const { constructor } = value as { readonly constructor?: unknown };
  const name = typeof constructor === "function" ? constructor.name : "";
  if (name === "") return "object of a class";
  return BUILT_IN.has(name) || ArrayBuffer.isView(value) ? name : `instance of ${name.slice(0, 100)}`;
}

const BUILT_IN: ReadonlySet<string> = new Set([
  "ArrayBuffer",
  "Error",
  "Map",
  "Promise",
  "RegExp",
  "Set",
  "SharedArrayBuffer",
  "WeakMap",
  "WeakSet",
]);

/**
 * A path in the form of field paths in `google.rpc.BadRequest`: `files[3].name`, and `labels["a
 * b"]` for keys that are not names.
 */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const shown = part.slice(0, 100);
    if (!/^[\w$@-]+$/.test(shown)) return `${text}[${JSON.stringify(shown)}]`;
    return text === "" ? shown : `${text}.${shown}`;
  }, "");
}
