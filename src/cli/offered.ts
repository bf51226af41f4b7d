import { sampleOf } from "../core/method/sample.ts";

/** A method that a server offers. */
export interface OfferedMethod {
  /** For a method declared in code its name; otherwise the id of its RPC. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Such as `POST`. */
  readonly verb: string;
  /** Such as `/v1:createArchive`. */
  readonly path: string;
  /** A request that the method would probably accept; undefined if it has no request. */
  readonly example: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;

const VERBS = ["get", "post", "put", "patch", "delete"] as const;

/** The tag of calls about operations. */
const OPERATIONS_TAG = "operations";

/** The methods in an OpenAPI document of ours, in its order, each once. */
export function offeredMethods(document: unknown): readonly OfferedMethod[] {
  const root = objectOf(document);
  const found = new Map<string, OfferedMethod>();
  for (const [path, item] of Object.entries(objectOf(root["paths"]))) {
    for (const verb of VERBS) {
      const operation = objectOf(objectOf(item)[verb]);
      const tags = operation["tags"];
      if (!Array.isArray(tags) || tags.includes(OPERATIONS_TAG)) continue;
      const name = nameOf(operation["operationId"], path);
      if (name === undefined || found.has(name)) continue;
      const summary = operation["summary"] ?? operation["description"];
      found.set(name, {
        name,
        summary: typeof summary === "string" ? summary : "",
        verb: verb.toUpperCase(),
        path,
        example: exampleOf(operation, root),
      });
    }
  }
  return [...found.values()];
}

/**
 * `/v1:createArchive` contains the name itself. The calls below a parent repeat the same methods.
 */
function nameOf(id: unknown, path: string): string | undefined {
  if (typeof id !== "string") return undefined;
  const own = /^\/v1:([^/:{}]+)$/.exec(path)?.[1];
  if (own !== undefined) return own === "startOperations" ? undefined : own;
  return path.includes("{parent}:") ? undefined : id;
}

function exampleOf(operation: JsonObject, root: JsonObject): unknown {
  const content = objectOf(objectOf(operation["requestBody"])["content"]);
  const { schema } = objectOf(content["application/json"]) as { readonly schema?: unknown };
  return schema === undefined ? undefined : sampleOf(objectOf(schema), root);
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}
