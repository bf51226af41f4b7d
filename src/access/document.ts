import type { LineCounter, Node } from "yaml";
import { LIMITS } from "../core/limits.ts";
import { Entry, type EntryValue, type Mistake } from "./entry.ts";

/**
 * Reads YAML 1.2, of which JSON is a part, into entries that know their lines. The package for YAML is loaded here, where there
 * is a file to read.
 *
 * @param mistakes is added to
 * @returns undefined where the text is no document
 */
export async function readDocument(source: string, mistakes: Mistake[]): Promise<Entry | undefined> {
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const tell = (offset: number, message: string): void => {
    mistakes.push({ line: lines.linePos(offset).line, path: "", message });
  };
  try {
    const document = yaml.parseDocument(source, {
      lineCounter: lines,
      prettyErrors: false,
      schema: "core",
      // The package compares each name with all before it; the reader below looks each up.
      uniqueKeys: false,
    });
    for (const { pos, message } of [...document.errors, ...document.warnings]) tell(pos[0], message);
    if (mistakes.length > 0) return undefined;
    return new DocumentReader(yaml, { lines, mistakes }).entryOf(document.contents, "", 0);
  } catch (error) {
    // Lists in lists in lists, deeper than the reader's own stack.
    if (!(error instanceof RangeError)) throw error;
    tell(0, "the values lie too deep in each other");
    return undefined;
  }
}

interface Parts {
  readonly lines: LineCounter;
  readonly mistakes: Mistake[];
}

class DocumentReader {
  readonly #yaml: typeof import("yaml");
  readonly #parts: Parts;

  constructor(yaml: typeof import("yaml"), parts: Parts) {
    this.#yaml = yaml;
    this.#parts = parts;
  }

  /** @throws {RangeError} for values that lie too deep */
  entryOf(given: Node | null, path: string, depth: number, key: Node | null = given): Entry {
    if (depth > LIMITS.rulesDepthMax) throw new RangeError("too deep");
    const { lines, mistakes } = this.#parts;
    const { line } = lines.linePos((given ?? key)?.range?.[0] ?? 0);
    const entry = new Entry(this.#valueOf(given, path, depth + 1), { path, line }, mistakes);
    // A few lines of aliases of aliases would stand for billions of values.
    if (this.#yaml.isAlias(given)) entry.refuse("aliases are not read; give several members a group");
    return entry;
  }

  #refuseTwice(key: Node): void {
    const { lines, mistakes } = this.#parts;
    const { line } = lines.linePos(key.range?.[0] ?? 0);
    mistakes.push({ line, path: "", message: "Map keys must be unique" });
  }

  #valueOf(node: Node | null, path: string, depth: number): EntryValue {
    const { isMap, isScalar, isSeq } = this.#yaml;
    if (isSeq<Node>(node)) return node.items.map((each, at) => this.entryOf(each, `${path}[${at}]`, depth));
    if (isMap<Node, Node | null>(node)) {
      const members = new Map<string, Entry>();
      for (const { key, value } of node.items) {
        const name = isScalar(key) ? String(key.value) : String(key);
        if (members.has(name)) this.#refuseTwice(key);
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
