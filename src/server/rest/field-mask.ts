import { badRequest } from "../../core/details.ts";
import { serviceError } from "../../core/error.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * Partial responses: `fields=operations(name,done),nextPageToken`.
 *
 * Paths are separated by commas, nest by `/`, `.` or parentheses, and `*` stands for every field. Arrays are transparent: a
 * path goes on in each of their members.
 *
 * @see contract section 3.3
 */

/** The fields wanted, with what is wanted of each; nothing inside means all of it. */
export type Mask = ReadonlyMap<string, Mask>;

/** The fields a message has; `free` where anything may be inside. */
export type Shape = "free" | { readonly [field: string]: Shape };

const LEAF: Shape = {};
const STATUS: Shape = { code: LEAF, message: LEAF, details: "free" };
// Below an Any the fields depend on the type inside, so the mask is not checked there.
const OPERATION: Shape = { name: LEAF, metadata: "free", done: LEAF, error: STATUS, response: "free" };

const SHAPES = {
  Operation: OPERATION,
  ListOperationsResponse: { operations: OPERATION, nextPageToken: LEAF, unreachable: LEAF },
  StartOperationsResponse: { results: { operation: OPERATION, error: STATUS } },
  Empty: {},
  free: "free",
} as const satisfies Record<string, Shape>;

/** What an answer can be. */
export type MaskedMessage = keyof typeof SHAPES;

/**
 * Reads a mask and checks it against the message that is to be answered, before there is an answer.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for a mask that cannot be read or names unknown fields
 */
export function readMask(fields: string, message: MaskedMessage | { readonly shape: Shape }): Mask {
  const mask = new MaskReader(fields).read();
  const unknown = unknownPaths(mask, typeof message === "string" ? SHAPES[message] : message.shape);
  if (unknown.length > 0) throw unknownFields(unknown);
  return mask;
}

/** Leaves of a JSON object only what a mask names. @returns compact JSON; `{}` if nothing is left */
export function maskJson(json: string, mask: Mask): string {
  return JSON.stringify(pick(JSON.parse(json), mask));
}

/** Reads a mask. Nesting is bounded, so that reading cannot exhaust the stack. */
class MaskReader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = text.match(/[^,/.()\s]+|[,/.()]/g) ?? [];
  }

  read(): Mask {
    const mask = this.#list(0);
    if (this.#at < this.#tokens.length) throw this.#refusal();
    return mask;
  }

  #list(depth: number): Mask {
    const mask = new Map<string, Mask>();
    do this.#path(mask, depth);
    while (this.#take(","));
    return mask;
  }

  #path(into: Map<string, Mask>, depth: number): void {
    const name = this.#tokens[this.#at++];
    if (depth > LIMITS.jsonDepthMax || name === undefined || /^[,/.()]$/.test(name)) throw this.#refusal();
    let inside: Mask = new Map();
    if (this.#take("/") || this.#take(".")) {
      const next = new Map<string, Mask>();
      this.#path(next, depth + 1);
      inside = next;
    } else if (this.#take("(")) {
      inside = this.#list(depth + 1);
      if (!this.#take(")")) throw this.#refusal();
    }
    into.set(name, union(into.get(name), inside));
  }

  #take(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #refusal(): Error {
    const shown = this.#text.slice(0, 200);
    return serviceError("PARAMETER_INVALID", `Invalid field mask "${shown}".`, {
      metadata: { parameter: "fields", value: shown },
    });
  }
}

/** What either of two masks wants. */
function union(a: Mask | undefined, b: Mask): Mask {
  if (a === undefined) return b;
  // All of it is all of it, whatever the other names.
  if (a.size === 0 || b.size === 0) return new Map();
  const both = new Map(a);
  for (const [name, inside] of b) both.set(name, union(both.get(name), inside));
  return both;
}

function unknownPaths(mask: Mask, shape: Shape, prefix = ""): string[] {
  if (shape === "free") return [];
  return [...mask].flatMap(([name, inside]) => {
    const path = prefix + name;
    if (name !== "*") {
      const child = Object.hasOwn(shape, name) ? shape[name] : undefined;
      return child === undefined ? [path] : unknownPaths(inside, child, `${path}.`);
    }
    const inEach = Object.values(shape).map((child) => unknownPaths(inside, child, `${path}.`));
    return inEach.find((unknown) => unknown.length === 0) ?? inEach[0] ?? [];
  });
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0) return value;
  if (Array.isArray(value)) return value.map((member) => pick(member, mask) ?? {});
  // The mask goes on where the value does not.
  if (typeof value !== "object" || value === null) return undefined;
  const every = mask.get("*");
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const named = mask.get(name);
    const wanted = named === undefined ? every : every === undefined ? named : union(every, named);
    const picked = wanted === undefined ? undefined : pick(member, wanted);
    return picked === undefined ? [] : [[name, picked] as const];
  });
  return Object.fromEntries(kept);
}

function unknownFields(paths: readonly string[]): Error {
  const fieldViolations = paths.map((path) => ({
    field: path.slice(0, 100),
    description: `Error expanding 'fields' parameter. Cannot find matching fields for path '${path.slice(0, 100)}'.`,
  }));
  return serviceError("PARAMETER_INVALID", "Request contains an invalid argument.", {
    metadata: { parameter: "fields" },
    details: [badRequest({ fieldViolations })],
  });
}
