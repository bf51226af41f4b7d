import type { Method } from "../../core/method/method.ts";
import { jsonSchemaOf, type Schema } from "../../core/method/schema.ts";
import type { ValueDescription } from "./description.ts";
import { valueDescription } from "./value-description.ts";

/** The ids of a method's own schemas. */
export interface MethodSchemaIds {
  readonly request: string;
  readonly response: string;
  readonly metadata: string;
}

/** Schemas by id, under construction. */
export class SchemaTable {
  readonly #byId = new Map<string, ValueDescription>();

  constructor(known: Readonly<Record<string, ValueDescription>>) {
    for (const [id, schema] of Object.entries(known)) this.#byId.set(id, schema);
  }

  /** A free id that is equal or similar to the wish. */
  reserve(wish: string): string {
    let id = wish;
    for (let count = 2; this.#byId.has(id); count++) id = `${wish}${count}`;
    this.#byId.set(id, {});
    return id;
  }

  set(id: string, description: ValueDescription): void {
    this.#byId.set(id, { id, ...description });
  }

  /** All schemas in the order of their ids. */
  all(): Record<string, ValueDescription> {
    return Object.fromEntries([...this.#byId].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/**
 * Describes the request, response and metadata of a method: `CreateArchiveRequest`,
 * `CreateArchiveResponse`, `CreateArchiveMetadata`. A schema that cannot describe itself is shown
 * as a free object.
 */
export function addMethodSchemas(method: Method, table: SchemaTable): MethodSchemaIds {
  const title = method.name.charAt(0).toUpperCase() + method.name.slice(1);
  const add = (part: string, schema: Schema | undefined, direction: "input" | "output"): string => {
    const id = table.reserve(`${title}${part}`);
    addSchema(id, jsonSchemaOf(schema, direction), table);
    return id;
  };
  return {
    request: add("Request", method.request, "input"),
    // The output of the validation is stored and returned.
    response: method.response === undefined ? "Empty" : add("Response", method.response, "output"),
    metadata: add("Metadata", method.metadata, "output"),
  };
}

const FREE_OBJECT: ValueDescription = {
  type: "object",
  additionalProperties: { type: "any", description: "Properties of the object." },
};

function addSchema(id: string, root: Record<string, unknown> | undefined, table: SchemaTable): void {
  const ids = new Map<string, string>([["#", id]]);
  const idOf = (reference: string): string | undefined => {
    const known = ids.get(reference);
    if (known !== undefined) return known;
    const target = definition(root, reference);
    if (target === undefined) return undefined;
    const name = reference.slice(reference.lastIndexOf("/") + 1).replaceAll(/[^A-Za-z0-9]/g, "");
    const partId = table.reserve(id + name.charAt(0).toUpperCase() + name.slice(1));
    // Stored before it is described, because it may refer to itself.
    ids.set(reference, partId);
    table.set(partId, valueDescription(target, { idOf }));
    return partId;
  };
  const described = root === undefined ? FREE_OBJECT : valueDescription(root, { idOf });
  const isObject = described.type === "object" || described.$ref !== undefined;
  table.set(id, isObject ? described : { ...FREE_OBJECT, ...remark(described) });
}

function remark({ description }: ValueDescription): ValueDescription {
  return description === undefined ? {} : { description };
}

/** The target of a local reference such as `#/$defs/Entry`. */
function definition(root: unknown, reference: string): unknown {
  if (!reference.startsWith("#/")) return undefined;
  let node: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return undefined;
    node = (node as Record<string, unknown>)[key];
  }
  return node;
}
