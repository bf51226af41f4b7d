import { basename } from "node:path";
import { didYouMean } from "../../core/value/nearest.ts";
import type { Entry } from "../../forms/entry.ts";
import type { JsonSchema } from "../../forms/form.ts";
import type { Files, Source } from "./files.ts";
import { SchemaReader } from "./reader.ts";

/** A place in a source. */
interface Spot {
  readonly source: Source;
  /** Such as `/$defs/Disk`; empty for the root. */
  readonly pointer: string;
  readonly entry: Entry;
}

/**
 * A JSON Schema together with everything that it refers to: parts of other files are in its
 * `$defs`, and all references point into it, so that it is self-contained. Mistakes are reported at
 * the entries.
 */
export class Bundle {
  readonly #files: Files;
  readonly #reader: SchemaReader;
  /** The names in `$defs` of referenced places, by source and pointer. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #waiting: [string, Spot][] = [];
  #root: Spot | undefined;

  constructor(files: Files, reader: SchemaReader) {
    this.#files = files;
    this.#reader = reader;
  }

  /** @param shown the name of the place `#` in messages */
  async of(entry: Entry, from: { readonly shown: string; readonly folder: string }): Promise<JsonSchema> {
    const source = { ...from, key: `${entry.place.file}#${entry.place.path}`, root: entry };
    this.#root = await this.#followed({ source, pointer: "", entry });
    if (this.#root === undefined) return {};
    const own = this.#root.entry.value;
    const defs = own instanceof Map ? own.get("$defs")?.value : undefined;
    if (defs instanceof Map) for (const name of defs.keys()) this.#taken.add(name);
    const root = await this.#schemaOf(this.#root);
    const others: [string, unknown][] = [];
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift())
      others.push([next[0], await this.#schemaOf(next[1])]);
    const schema: JsonSchema = typeof root === "object" ? root : root ? {} : { not: {} };
    if (others.length === 0) return schema;
    return {
      ...schema,
      $defs: { ...(schema["$defs"] as object | undefined), ...Object.fromEntries(others) },
    };
  }

  /** Follows a schema that is only a reference to another file. */
  async #followed(spot: Spot, hops = 0): Promise<Spot | undefined> {
    const { value } = spot.entry;
    const reference = value instanceof Map && value.size === 1 ? value.get("$ref") : undefined;
    if (reference === undefined || typeof reference.value !== "string" || reference.value.startsWith("#"))
      return spot;
    const next = await this.#resolve(reference, spot.source);
    if (next === undefined) return undefined;
    if (hops < 100) return this.#followed(next, hops + 1);
    reference.refuse("the files refer to each other and to nothing else");
    return undefined;
  }

  #schemaOf(spot: Spot): Promise<JsonSchema | boolean> {
    return this.#reader.read(spot.entry, (reference) => this.#referred(reference, spot.source));
  }

  /** A reference, rewritten for the bundle. */
  async #referred(reference: Entry, source: Source): Promise<string | undefined> {
    const spot = await this.#resolve(reference, source);
    if (spot === undefined || this.#root === undefined) return undefined;
    const { source: home, pointer } = this.#root;
    if (spot.source.key === home.key && (pointer === "" || pointer === spot.pointer))
      return `#${pointer === "" ? spot.pointer : ""}`;
    const id = `${spot.source.key}#${spot.pointer}`;
    const known = this.#names.get(id);
    if (known !== undefined) return `#/$defs/${known}`;
    const name = this.#nameFor(spot);
    this.#names.set(id, name);
    this.#waiting.push([name, spot]);
    return `#/$defs/${name}`;
  }

  #nameFor({ source, pointer }: Spot): string {
    const last = pointer === "" ? basename(source.shown).split(".")[0] : pointer.split("/").at(-1);
    const wish = (last ?? "").replaceAll(/[^A-Za-z0-9_]/g, "") || "Schema";
    let name = wish;
    for (let count = 2; this.#taken.has(name); count++) name = `${wish}${count}`;
    this.#taken.add(name);
    return name;
  }

  async #resolve(reference: Entry, from: Source): Promise<Spot | undefined> {
    const { value } = reference;
    if (typeof value !== "string" || value === "") {
      reference.refuse(`expected a reference such as "disk.json" or "#/$defs/Disk", got ${reference.shown}`);
      return undefined;
    }
    if (/^[a-z][a-z0-9+.-]*:/i.test(value)) {
      reference.refuse(
        `expected a file beside this one, such as "disk.json", got ${reference.shown}: nothing is fetched`,
      );
      return undefined;
    }
    const [file = "", pointer = ""] = value.split("#", 2);
    if (pointer !== "" && !pointer.startsWith("/")) {
      reference.refuse(`expected a place such as "#/$defs/Disk", got ${reference.shown}`);
      return undefined;
    }
    const source = file === "" ? from : await this.#files.document(decoded(file), from, reference);
    if (source === undefined) return undefined;
    const entry = entryAt(source, pointer, reference);
    return entry === undefined ? undefined : { source, pointer, entry };
  }
}

/**
 * The entry at a JSON pointer. @param reference the entry at which a dangling pointer is reported
 */
function entryAt(source: Source, pointer: string, reference: Entry): Entry | undefined {
  let at = source.root;
  for (const part of pointer.split("/").slice(1)) {
    const name = decoded(part).replaceAll("~1", "/").replaceAll("~0", "~");
    const { value } = at;
    const isMap = value instanceof Map;
    const next: Entry | undefined = isMap
      ? value.get(name)
      : Array.isArray(value)
        ? value[Number(name)]
        : undefined;
    if (next === undefined) {
      const meant = isMap ? didYouMean(name, [...value.keys()].slice(0, 1_000)) : "";
      reference.refuse(`there is no "${pointer}" in ${source.shown}${meant}`);
      return undefined;
    }
    at = next;
  }
  return at;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
