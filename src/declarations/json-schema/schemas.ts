import { SERVICE_METADATA_FIELDS } from "../../core/method/metadata.ts";
import type { Schema } from "../../core/method/schema.ts";
import type { Entry, Mistake } from "../../forms/entry.ts";
import type { JsonSchema } from "../../forms/form.ts";
import { Bundle } from "./bundle.ts";
import { SchemaCompiler } from "./compiler.ts";
import type { Files } from "./files.ts";
import { memberNames } from "./members.ts";
import { SchemaReader } from "./reader.ts";

/** A JSON Schema with everything that it refers to, and its compiled form. */
export interface CompiledSchema {
  readonly json: JsonSchema;
  readonly schema: Schema;
}

/** The JSON Schemas of a file of methods. Creating one loads the packages for JSON Schema. */
export class Schemas {
  readonly #files: Files;
  readonly #mistakes: readonly Mistake[];
  readonly #compiler = new SchemaCompiler();
  readonly #reader = new SchemaReader(this.#compiler);

  /** @param mistakes the mistakes reported at entries; a schema with mistakes is not compiled */
  constructor(files: Files, mistakes: readonly Mistake[]) {
    this.#files = files;
    this.#mistakes = mistakes;
  }

  /**
   * A schema within a methods file, or a reference to a file beside it.
   *
   * @returns undefined for one with mistakes, which were reported at entries
   */
  async of(entry: Entry, folder: string): Promise<CompiledSchema | undefined> {
    const before = this.#mistakes.length;
    const from = { shown: entry.place.path, folder };
    const json = await new Bundle(this.#files, this.#reader).of(entry, from);
    if (this.#mistakes.length > before) return undefined;
    try {
      return { json, schema: this.#compiler.compile(json) };
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      entry.refuse(error.message);
      return undefined;
    }
  }

  /** The same for metadata, which must not use the names of the service's own fields. */
  async ofMetadata(entry: Entry, folder: string): Promise<CompiledSchema | undefined> {
    const compiled = await this.of(entry, folder);
    const filled: readonly string[] = SERVICE_METADATA_FIELDS;
    const taken =
      compiled === undefined ? [] : memberNames(compiled.json).filter((each) => filled.includes(each));
    for (const name of taken) {
      const isHere = entry.nearest(["properties", name]).place.path.endsWith(`properties.${name}`);
      const there = isHere ? entry.nearest(["properties", name]) : entry;
      there.refuseName(
        `"${name}" is filled by the service; use another name (it fills ${filled.join(", ")})`,
      );
    }
    return taken.length === 0 ? compiled : undefined;
  }
}
