import type { LineCounter, Node, YAMLParseError } from "yaml";
import { Entry, type EntryValue, type Mistake, type Place } from "./entry.ts";
import { decodeText } from "./text.ts";

/** Options for reading a file. */
export interface DocumentSetting {
  /** The name of the file in messages. */
  readonly file: string;
  /** The kind of the file in messages, such as `a file of rules`. */
  readonly kind: string;
  readonly bytesMax: number;
  /** The maximum depth of nested values. */
  readonly depthMax: number;
  /** The advice for aliases in messages, such as `write "$ref"`. */
  readonly insteadOfAliases: string;
  /** Receives the mistakes. */
  readonly mistakes: Mistake[];
}

/**
 * Reads YAML 1.2, which includes JSON, into entries that know their places. The YAML package is
 * loaded here, only if there is a file to read.
 *
 * @param source text, or bytes in UTF-8
 * @returns undefined if the source is not a document
 */
export async function readDocument(
  source: string | Uint8Array,
  setting: DocumentSetting,
): Promise<Entry | undefined> {
  const { kind, bytesMax, mistakes } = setting;
  const bytes = typeof source === "string" ? Buffer.byteLength(source) : source.length;
  if (bytes > bytesMax) {
    refuseText(`${kind} has at most ${bytesMax} bytes, and this one has more`, "", setting);
    return undefined;
  }
  const decoded = typeof source === "string" ? { text: source } : decodeText(source);
  if (!("text" in decoded)) {
    refuseText(decoded.message, decoded.before, setting);
    return undefined;
  }
  const yaml = await import("yaml");
  const lines = new yaml.LineCounter();
  const reader = new DocumentReader(yaml, lines, setting);
  const before = mistakes.length;
  try {
    const document = yaml.parseDocument(decoded.text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: "core",
      // The package compares each name with all earlier ones; the reader below looks each up.
      uniqueKeys: false,
    });
    for (const problem of [...document.errors, ...document.warnings])
      reader.tell(problem.pos[0], messageOf(problem));
    if (mistakes.length > before) return undefined;
    return reader.entryOf(document.contents, "", 0);
  } catch (error) {
    // Nested lists deeper than the reader's own stack.
    if (!(error instanceof RangeError)) throw error;
    reader.tell(0, TOO_DEEP);
    return undefined;
  }
}

const TOO_DEEP = "the values are nested too deeply";

/** The message of the package, unless it is about the package's own functions. */
function messageOf({ code, message }: Pick<YAMLParseError, "code" | "message">): string {
  if (code === "MULTIPLE_DOCS") return "the file has several documents (---); only one is supported";
  return message.includes("call stack") ? TOO_DEEP : message;
}

/** Reports a mistake after the text `before`. */
function refuseText(message: string, before: string, { file, mistakes }: DocumentSetting): void {
  const lines = before.split("\n");
  const column = (lines.at(-1) ?? "").length + 1;
  mistakes.push({ file, line: lines.length, column, path: "", message });
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
    if (this.#yaml.isAlias(given)) entry.refuse(`aliases are not supported; ${insteadOfAliases}`);
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
        const entry = this.entryOf(value, path === "" ? name : `${path}.${name}`, depth, key);
        const first = members.get(name)?.namePlace.line;
        if (first !== undefined) entry.refuseName(`"${name}" is given twice; the first is in line ${first}`);
        members.set(name, entry);
      }
      return members;
    }
    const value: unknown = isScalar(node) ? node.value : null;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : null;
  }
}
