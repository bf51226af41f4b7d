import { Violations } from "../../core/error/violations.ts";
import { EVERY, type Mask, parseMask } from "./mask.ts";

/**
 * Partial responses: `fields=operations(name,done),nextPageToken`.
 *
 * Paths are separated by commas and nested by `/`, `.` or parentheses; `*` stands for every field.
 * Arrays are transparent: a path continues in each of their elements.
 *
 * @see contract section 3.3
 */

/** The fields of a message; `free` if any field is allowed. */
export type Shape = "free" | { readonly [field: string]: Shape };

const LEAF: Shape = {};
const STATUS: Shape = { code: LEAF, message: LEAF, details: "free" };
// Below an Any, the fields depend on the type inside, so the mask is not checked there.
const OPERATION: Shape = { name: LEAF, metadata: "free", done: LEAF, error: STATUS, response: "free" };

const SHAPES = {
  Operation: OPERATION,
  ListOperationsResponse: { operations: OPERATION, nextPageToken: LEAF, unreachable: LEAF },
  StartOperationsResponse: { results: { operation: OPERATION, error: STATUS } },
  Empty: {},
  free: "free",
} as const satisfies Record<string, Shape>;

/** The messages that an answer can be. */
export type MaskedMessage = keyof typeof SHAPES;

/**
 * Parses a mask and checks it against the message of the answer, before there is an answer.
 *
 * @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID for an invalid mask or unknown fields
 */
export function readMask(fields: string, message: MaskedMessage | { readonly shape: Shape }): Mask {
  const mask = parseMask(fields);
  const unknown = new UnknownPaths().of(mask, typeof message === "string" ? SHAPES[message] : message.shape);
  if (unknown.count === 0) return mask;
  throw unknown.error("PARAMETER_INVALID", {
    message: "Request contains an invalid argument.",
    metadata: { parameter: "fields" },
  });
}

/**
 * Finds paths of a mask that a message does not have. Each pair of a mask and a shape is examined
 * once.
 */
class UnknownPaths {
  readonly #found = new Violations();
  readonly #fits = new Map<Mask, Map<Shape, boolean>>();

  of(mask: Mask, shape: Shape): Violations {
    this.#collect(mask, shape, "");
    return this.#found;
  }

  #collect(mask: Mask, shape: Shape, prefix: string): void {
    if (shape === "free") return;
    for (const [name, inside] of mask) {
      if (this.#found.isFull) return;
      const path = prefix + name;
      const children = childrenOf(shape, name);
      const [first] = children;
      if (name === EVERY) {
        // A path through `*` must match at least one field.
        const fits = children.some((child) => this.#fit(inside, child));
        if (!fits && first !== undefined) this.#collect(inside, first, `${path}.`);
      } else if (first !== undefined) this.#collect(inside, first, `${path}.`);
      else this.#add(path);
    }
  }

  #add(path: string): void {
    const shown = path.slice(0, 100);
    this.#found.add(
      `Error expanding 'fields' parameter. Cannot find matching fields for path '${shown}'.`,
      shown,
    );
  }

  #fit(mask: Mask, shape: Shape): boolean {
    if (shape === "free") return true;
    const known = this.#fits.get(mask) ?? new Map<Shape, boolean>();
    this.#fits.set(mask, known);
    const before = known.get(shape);
    if (before !== undefined) return before;
    const fits = [...mask].every(([name, inside]) => {
      const children = childrenOf(shape, name);
      if (name === EVERY && children.length === 0) return true;
      return children.some((child) => this.#fit(inside, child));
    });
    known.set(shape, fits);
    return fits;
  }
}

/** The shapes for a name: one, none, or all for `*`. */
function childrenOf(shape: Exclude<Shape, "free">, name: string): readonly Shape[] {
  if (name === EVERY) return Object.values(shape);
  const child = Object.hasOwn(shape, name) ? shape[name] : undefined;
  return child === undefined ? [] : [child];
}
