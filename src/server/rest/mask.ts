import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";

/** The selected fields, each with its own mask; an empty mask selects the whole field. */
export type Mask = ReadonlyMap<string, Mask>;

/** Stands for every field. */
export const EVERY = "*";

interface Node extends Map<string, Node> {}

/**
 * Parses a field mask. Each name goes directly into one tree, so parsing is linear, and characters,
 * names and nesting are limited.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID
 */
export function parseMask(text: string): Mask {
  const { fieldMaskLengthMax } = LIMITS;
  if (text.length > fieldMaskLengthMax)
    throw refusal(`at most ${fieldMaskLengthMax} characters, got ${text.length}`, text);
  return new MaskReader(text).read();
}

class MaskReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;
  #names = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(/[^,/.()\s]+|[,/.()]/g) ?? [];
  }

  read(): Mask {
    const mask: Node = new Map();
    this.#list(mask, 0);
    if (this.#at < this.#tokens.length) throw this.#malformed();
    return mask;
  }

  #list(into: Node, depth: number): void {
    do this.#path(into, depth);
    while (this.#take(","));
  }

  #path(into: Node, depth: number): void {
    const name = this.#tokens[this.#at++];
    if (depth > LIMITS.jsonDepthMax || name === undefined || /^[,/.()]$/.test(name)) throw this.#malformed();
    if (++this.#names > LIMITS.fieldMaskNamesMax)
      throw refusal(`at most ${LIMITS.fieldMaskNamesMax} names`, this.#text);
    const isNested = this.#take("/") || this.#take(".");
    if (!isNested && !this.#take("(")) {
      // The whole field is selected, whatever the rest of the mask names inside it.
      into.set(name, new Map());
      return;
    }
    const inside = nodeBelow(into, name);
    if (isNested) return this.#path(inside, depth + 1);
    this.#list(inside, depth + 1);
    if (!this.#take(")")) throw this.#malformed();
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #malformed(): Error {
    const shown = this.#text.slice(0, 200);
    return serviceError("PARAMETER_INVALID", `Invalid field mask "${shown}".`, {
      metadata: { parameter: "fields", value: shown },
    });
  }
}

/**
 * The node for the names inside a field; a detached node if the whole field is already selected.
 */
function nodeBelow(into: Node, name: string): Node {
  const before = into.get(name);
  if (before !== undefined && before.size > 0) return before;
  const node: Node = new Map();
  if (before === undefined) into.set(name, node);
  return node;
}

function refusal(rule: string, text: string): Error {
  return serviceError("PARAMETER_INVALID", `Invalid field mask: expected ${rule}.`, {
    metadata: { parameter: "fields", value: text.slice(0, 200) },
  });
}
