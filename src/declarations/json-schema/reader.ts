import { didYouMean } from "../../core/value/nearest.ts";
import type { Entry } from "../../forms/entry.ts";
import type { JsonSchema } from "../../forms/form.ts";
import { FORMATS, type SchemaCompiler } from "./compiler.ts";
import { DIALECT, KEYWORDS, OTHER_KEYWORDS } from "./keywords.ts";
import { linearPattern } from "./patterns.ts";

/** The replacement of a reference; undefined if it is dangling, which was reported at its entry. */
export type Referred = (reference: Entry) => Promise<string | undefined>;

/** Reads JSON Schemas of draft 2020-12 from files. Mistakes are reported at the entries. */
export class SchemaReader {
  readonly #compiler: SchemaCompiler;

  constructor(compiler: SchemaCompiler) {
    this.#compiler = compiler;
  }

  /** Reads a schema, with references replaced by `referred`. */
  async read(entry: Entry, referred: Referred): Promise<JsonSchema | boolean> {
    const schema = await this.#schemaOf(entry, referred, true);
    if (typeof schema === "boolean") return schema;
    for (const { path = [], message } of this.#compiler.issuesOfSchema(schema))
      entry.nearest(path as readonly (string | number)[]).refuse(message);
    return schema;
  }

  async #schemaOf(entry: Entry, referred: Referred, isRoot = false): Promise<JsonSchema | boolean> {
    const { value } = entry;
    if (typeof value === "boolean") return value;
    if (!(value instanceof Map)) {
      entry.refuse(`expected a JSON Schema, got ${entry.shown}`);
      return true;
    }
    const members: [string, unknown][] = [];
    for (const [name, each] of value) {
      if (name.startsWith("x-")) continue;
      const kind = KEYWORDS.get(name);
      if (kind === undefined) refuseKeyword(name, each);
      else if (name === "$schema" || name === "$id") checkAddress(name, each, isRoot);
      else if (name === "$ref") members.push([name, (await referred(each)) ?? "#"]);
      else if (kind === "data") members.push([name, this.#dataOf(name, each)]);
      else if (kind === "schema") members.push([name, await this.#schemaOf(each, referred)]);
      else members.push([name, await this.#schemasOf(each, name, referred)]);
    }
    return Object.fromEntries(members);
  }

  /** A list of schemas, or schemas by name; the schema of the dialect reports anything else. */
  async #schemasOf(entry: Entry, keyword: string, referred: Referred): Promise<unknown> {
    const { value } = entry;
    const isMap = KEYWORDS.get(keyword) === "map";
    if (value instanceof Map && isMap) {
      const schemas: [string, unknown][] = [];
      for (const [name, each] of value) {
        if (keyword === "patternProperties") checkPattern(name, (why) => each.refuseName(why));
        schemas.push([name, await this.#schemaOf(each, referred)]);
      }
      return Object.fromEntries(schemas);
    }
    if (Array.isArray(value) && !isMap) {
      const schemas: unknown[] = [];
      for (const each of value as readonly Entry[]) schemas.push(await this.#schemaOf(each, referred));
      return schemas;
    }
    entry.refuse(
      `expected ${isMap ? "JSON Schemas by names" : "a list of JSON Schemas"}, got ${entry.shown}`,
    );
    return isMap ? {} : [true];
  }

  #dataOf(keyword: string, entry: Entry): unknown {
    const { value } = entry;
    if (keyword === "pattern" && typeof value === "string") checkPattern(value, (why) => entry.refuse(why));
    if (keyword === "format" && typeof value === "string" && !FORMATS.includes(value))
      entry.refuse(
        `there is no format ${entry.shown}${didYouMean(value, FORMATS) || `; there are ${FORMATS.join(", ")}`}`,
      );
    return dataOf(entry);
  }
}

function refuseKeyword(name: string, entry: Entry): void {
  const instead = OTHER_KEYWORDS.get(name);
  const meant = didYouMean(name, KEYWORDS.keys()) || "; names of your own begin with x-";
  entry.refuseName(
    instead === undefined
      ? `JSON Schema has no keyword "${name.slice(0, 100)}"${meant}`
      : `"${name}" is not read: ${instead}`,
  );
}

function checkAddress(name: string, entry: Entry, isRoot: boolean): void {
  if (name === "$schema" && entry.value !== DIALECT && entry.value !== `${DIALECT}#`)
    entry.refuse(`expected "${DIALECT}", got ${entry.shown}`);
  if (!isRoot) entry.refuseName(`"${name}" is read at the root of a schema alone`);
}

function checkPattern(source: string, refuse: (why: string) => void): void {
  try {
    linearPattern(source);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    refuse(`expected a pattern of RE2, which has no (?=…), (?<=…) and \\1: ${why}`);
  }
}

/** The plain value of an entry. */
function dataOf({ value }: Entry): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, dataOf(each)]));
  return Array.isArray(value) ? (value as readonly Entry[]).map(dataOf) : value;
}
