import type { LineCounter, Node } from "yaml";
import { Entry, type EntryValue, type Mistake, type Place } from "./entry.ts";

/** What a file may be, and what to do with it. */
export interface DocumentSetting {
  /** As messages call it. */
  readonly file: string;
  /** What a message calls such a file, such as `a file of rules`. */
  readonly kind: string;
  readonly bytesMax: number;
  /** How deep values may lie in each other. */
  readonly depthMax: number;
  /** What to write where others write an alias, such as `write $ref`. */
  readonly insteadOfAliases: string;
  /** Is added to. */
  readonly mistakes: Mistake[];
}

/**
 * Reads YAML 1.2, of which JSON is a part, into entries that know their places. The package for YAML is loaded here, where
 * there is a file to read.
 *
 * @returns undefined where the text is no document
 */
export async function readDocument(source: string, setting: DocumentSetting): Promise<Entry | undefined> {
  const { file, kind, bytesMax, mistakes } = setting;
  const bytes = Buffer.byteLength(source);
  if (bytes > bytesMax) {
    const message = `${kind} has ${bytesMax} bytes at most, got ${bytes}`;
    mistakes.push({ file, line: 1, column: 1, path: "", message });
    return undefined;
  }
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const reader = new DocumentReader(yaml, lines, setting);
  const before = mistakes.length;
  try {
    const document = yaml.parseDocument(source, {
      lineCounter: lines,
      prettyErrors: false,
      schema: "core",
      // The package compares each name with all before it; the reader below looks each up.
      uniqueKeys: false,
    });
    for (const { pos, message } of [...document.errors, ...document.warnings]) reader.tell(pos[0], message);
    if (mistakes.length > before) return undefined;
    return reader.entryOf(document.contents, "", 0);
  } catch (error) {
    // Lists in lists in lists, deeper than the reader's own stack.
    if (!(error instanceof RangeError)) throw error;
    reader.tell(0, "the values lie too deep in each other");
    return undefined;
  }
}

class DocumentReader {
  readonly #yaml: typeof import("yaml");
  readonly #lines: LineCounter;
  readonly #setting: DocumentSetting;

  constructor(yaml: typeof import("yaml"), lines: LineCounter, setting: DocumentSetting) {
    this.#yaml = yaml;
    this.#lines = lines;
    this.#setting = setting;
  }

  /** Tells what is wrong at an offset of the text. */
  tell(offset: number, message: string): void {
    this.#setting.mistakes.push({ ...this.#placeAt(offset, ""), message });
  }

  /** @throws {RangeError} for values that lie too deep */
  entryOf(given: Node | null, path: string, depth: number, key: Node | null = given): Entry {
    const { depthMax, insteadOfAliases, mistakes } = this.#setting;
    if (depth > depthMax) throw new RangeError("too deep");
    const at = (node: Node | null): Place => this.#placeAt(node?.range?.[0] ?? 0, path);
    const places = { place: at(given ?? key), namePlace: at(key) };
    const entry = new Entry(this.#valueOf(given, path, depth + 1), places, mistakes);
    // A few lines of aliases of aliases would stand for billions of values.
    if (this.#yaml.isAlias(given)) entry.refuse(`aliases are not read; ${insteadOfAliases}`);
    return entry;
  }

  #placeAt(offset: number, path: string): Place {
    // The package counts from 1, and answers 0 for a text that is empty.
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#setting.file, line: Math.max(line, 1), column: Math.max(col, 1), path };
  }

  #valueOf(node: Node | null, path: string, depth: number): EntryValue {
    const { isMap, isScalar, isSeq } = this.#yaml;
    if (isSeq<Node>(node)) return node.items.map((each, at) => this.entryOf(each, `${path}[${at}]`, depth));
    if (isMap<Node, Node | null>(node)) {
      const members = new Map<string, Entry>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        if (members.has(name)) this.tell(key.range?.[0] ?? 0, "Map keys must be unique");
        members.set(name, this.entryOf(value, path === "" ? name : `${path}.${name}`, depth, key));
      }
      return members;
    }
    const value: unknown = isScalar(node) ? node.value : null;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : null;
  }
}
