import type { LineCounter, Node } from "yaml";
import { Entry, type EntryValue, type Mistake, type Place } from "./entry.ts";

/** Options for reading a file. */
export interface DocumentSetting {
  /** The name of the file in messages. */
  readonly file: string;
  /** The kind of the file in messages, such as `a file of rules`. */
  readonly kind: string;
  readonly bytesMax: number;
  /** The maximum depth of nested values. */
  readonly depthMax: number;
  /** The replacement for aliases in messages, such as `write $ref`. */
  readonly insteadOfAliases: string;
  /** Receives the mistakes. */
  readonly mistakes: Mistake[];
}

/**
 * Reads YAML 1.2, which includes JSON, into entries that know their places. The YAML package is
 * loaded here, only if there is a file to read.
 *
 * @returns undefined if the text is not a document
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
      // The package compares each name with all earlier ones; the reader below looks each up.
      uniqueKeys: false,
    });
    for (const { pos, message } of [...document.errors, ...document.warnings]) reader.tell(pos[0], message);
    if (mistakes.length > before) return undefined;
    return reader.entryOf(document.contents, "", 0);
  } catch (error) {
    // Nested lists deeper than the reader's own stack.
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

  /** Reports a mistake at an offset of the text. */
  tell(offset: number, message: string): void {
    this.#setting.mistakes.push({ ...this.#placeAt(offset, ""), message });
  }

  /** @throws {RangeError} for values that are nested too deeply */
  entryOf(given: Node | null, path: string, depth: number, key: Node | null = given): Entry {
    const { depthMax, insteadOfAliases, mistakes } = this.#setting;
    if (depth > depthMax) throw new RangeError("too deep");
    const at = (node: Node | null): Place => this.#placeAt(node?.range?.[0] ?? 0, path);
    const places = { place: at(given ?? key), namePlace: at(key) };
    const entry = new Entry(this.#valueOf(given, path, depth + 1), places, mistakes);
    // A few lines with aliases of aliases could produce billions of values.
    if (this.#yaml.isAlias(given)) entry.refuse(`aliases are not read; ${insteadOfAliases}`);
    return entry;
  }

  #placeAt(offset: number, path: string): Place {
    // The package counts from 1, and returns 0 for an empty text.
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
