import { didYouMean } from "../core/value/nearest.ts";
import type { Entry } from "./entry.ts";

/**
 * The allowed content at a place of a file, both as a JSON Schema for editors and as a reader. A
 * section of the file is one form, composed of others.
 */
export interface Form<out T> {
  readonly schema: JsonSchema;
  /** @returns undefined after a mistake, which was reported at the entry */
  read(entry: Entry): T | undefined;
}

/** A JSON Schema. @see https://json-schema.org/draft/2020-12/schema */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The purpose of a form, as a sentence, and the pattern of its text. */
export interface TextOptions {
  readonly description: string;
  /** @default any text that is not empty */
  readonly pattern?: RegExp;
  /** The description of a valid text in messages. @default a text that is not empty */
  readonly expected?: string;
}

/** A text. */
export function text(options: TextOptions): Form<string> {
  const { description, pattern = /./su, expected = "a text that is not empty" } = options;
  return {
    schema: { type: "string", pattern: pattern.source, description },
    read: (entry) => {
      const { value } = entry;
      if (typeof value === "string" && pattern.test(value)) return value;
      entry.refuse(`expected ${expected}, got ${entry.shown}`);
      return undefined;
    },
  };
}

/** A whole number from `min` to `max`. */
export function whole(options: {
  readonly description: string;
  readonly min: number;
  readonly max: number;
}): Form<number> {
  const { description, min, max } = options;
  return {
    schema: { type: "integer", minimum: min, maximum: max, description },
    read: (entry) => {
      const { value } = entry;
      if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
      entry.refuse(`expected a whole number from ${min} to ${max}, got ${entry.shown}`);
      return undefined;
    },
  };
}

/** A number from `min` to `max`. */
export function decimal(options: {
  readonly description: string;
  readonly min: number;
  readonly max: number;
}): Form<number> {
  const { description, min, max } = options;
  return {
    schema: { type: "number", minimum: min, maximum: max, description },
    read: (entry) => {
      const { value } = entry;
      if (typeof value === "number" && value >= min && value <= max) return value;
      entry.refuse(`expected a number from ${min} to ${max}, got ${entry.shown}`);
      return undefined;
    },
  };
}

/** One of a few words. */
export function oneOf<const Word extends string>(words: readonly Word[], description: string): Form<Word> {
  return {
    schema: { enum: words, description },
    read: (entry) => {
      const word = words.find((each) => each === entry.value);
      if (word !== undefined) return word;
      const meant = typeof entry.value === "string" ? didYouMean(entry.value, words) : "";
      entry.refuse(`expected one of ${words.join(", ")}, got ${entry.shown}${meant}`);
      return undefined;
    },
  };
}

/** A list of values of `item`; invalid items are reported and omitted. */
export function listOf<T>(
  item: Form<T>,
  { description, min = 0 }: { readonly description: string; readonly min?: 0 | 1 },
): Form<readonly T[]> {
  return {
    schema: { type: "array", items: item.schema, minItems: min, description },
    read: (entry) => {
      const { value } = entry;
      if (!isList(value)) {
        entry.refuse(`expected a list, got ${entry.shown}`);
        return undefined;
      }
      if (value.length < min) entry.refuse("expected at least one entry, got an empty list");
      return value.map((each) => item.read(each)).filter((each) => each !== undefined);
    },
  };
}

/** Members with names of the user's choice. */
export function mapOf<T>(
  member: Form<T>,
  { description, name }: { readonly description: string; readonly name: TextOptions },
): Form<ReadonlyMap<string, T>> {
  const { pattern = /./su, expected } = name;
  return {
    schema: {
      type: "object",
      propertyNames: { pattern: pattern.source },
      additionalProperties: member.schema,
      description,
    },
    read: (entry) => {
      const read = new Map<string, T>();
      for (const [key, each] of membersOf(entry)) {
        if (!pattern.test(key))
          each.refuseName(`expected the name of ${expected}, got ${JSON.stringify(key)}`);
        const value = member.read(each);
        if (value !== undefined) read.set(key, value);
      }
      return read;
    },
  };
}

type Fields = Readonly<Record<string, Form<unknown>>>;
type Read<F> = F extends Form<infer T> ? T : never;

/** Members by name: those in `required` must exist, the others may. */
export function object<F extends Fields, const R extends keyof F & string>(
  fields: F,
  { description, required }: { readonly description: string; readonly required: readonly R[] },
): Form<{ readonly [K in R]: Read<F[K]> } & { readonly [K in Exclude<keyof F, R>]?: Read<F[K]> }> {
  const names = Object.keys(fields);
  const properties = Object.fromEntries(names.map((name) => [name, fields[name]?.schema]));
  return {
    schema: { type: "object", properties, required, additionalProperties: false, description },
    read: (entry) => {
      const members = membersOf(entry);
      const read: Record<string, unknown> = {};
      for (const [name, each] of members) {
        const form = Object.hasOwn(fields, name) ? fields[name] : undefined;
        const known = didYouMean(name, names) || `; expected one of ${names.join(", ")}`;
        if (form === undefined) each.refuseName(`unknown name ${JSON.stringify(name)}${known}`);
        else read[name] = form.read(each);
      }
      const isMap = entry.value instanceof Map;
      for (const name of required) if (isMap && !members.has(name)) entry.refuse(`"${name}" is missing`);
      return required.every((name) => read[name] !== undefined) ? (read as never) : undefined;
    },
  };
}

/** A form with an additional rule. @param rule reports violations at the entry */
export function checked<T>(form: Form<T>, rule: (value: T, entry: Entry) => void): Form<T> {
  return {
    schema: form.schema,
    read: (entry) => {
      const value = form.read(entry);
      if (value !== undefined) rule(value, entry);
      return value;
    },
  };
}

/** A list of mappings that differ in the text of `member`. */
export function distinct<T>(form: Form<readonly T[]>, member: string): Form<readonly T[]> {
  return checked(form, (_, { value }) => {
    const lines = new Map<string, number>();
    for (const each of isList(value) ? value : []) {
      const named = each.nearest([member]);
      if (typeof named.value !== "string") continue;
      const first = lines.get(named.value);
      if (first === undefined) lines.set(named.value, named.place.line);
      else named.refuse(`another entry has the same value; the first is in line ${first}`);
    }
  });
}

function isList(value: Entry["value"]): value is readonly Entry[] {
  return Array.isArray(value);
}

function membersOf(entry: Entry): ReadonlyMap<string, Entry> {
  if (entry.value instanceof Map) return entry.value;
  entry.refuse(`expected a mapping (name: value), got ${entry.shown}`);
  return new Map();
}
