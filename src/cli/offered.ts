import { sampleOf } from "../core/method/sample.ts";

/** A method that a server offers. */
export interface OfferedMethod {
  /** The name for `longrunning start`; for an RPC that starts no operation its id. */
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Such as `POST`. */
  readonly verb: string;
  /** Such as `/v1:createArchive`; that of an RPC may have parameters: `/v1/shelves/{shelvesId}/books`. */
  readonly path: string;
  /** A body that the method would probably accept at this path; undefined if it has no body. */
  readonly example: unknown;
  /** The path with values for its parameters and the query that it needs. */
  readonly examplePath: string;
  /** A request for `longrunning start`; undefined if the method starts no operation. */
  readonly start: unknown;
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
      const start = objectOf(operation["x-longrunning-start"]);
      const name = nameOf(start["method"] ?? operation["operationId"], path);
      if (name === undefined || found.has(name)) continue;
      const summary = operation["summary"] ?? operation["description"];
      const example = exampleOf(operation, root);
      found.set(name, {
        name,
        summary: typeof summary === "string" ? summary : "",
        verb: verb.toUpperCase(),
        path,
        example,
        examplePath: examplePathOf(path, operation["parameters"]),
        start: path === `/v1:${name}` ? example : start["request"],
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
  const { schema, example } = objectOf(content["application/json"]);
  if (example !== undefined) return example;
  return schema === undefined ? undefined : sampleOf(objectOf(schema), root);
}

/** The parameters with examples are those that a call needs. */
function examplePathOf(path: string, parameters: unknown): string {
  const all = Array.isArray(parameters) ? parameters.map(objectOf) : [];
  let filled = path;
  const query: string[] = [];
  for (const { name, in: place, example } of all) {
    if (typeof name !== "string" || example === undefined) continue;
    const values: readonly unknown[] = Array.isArray(example) ? example : [example];
    const texts = values.map((value) =>
      encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value)),
    );
    if (place === "path") filled = filled.replace(`{${name}}`, () => texts.join(","));
    if (place === "query") query.push(...texts.map((text) => `${encodeURIComponent(name)}=${text}`));
  }
  return query.length === 0 ? filled : `${filled}?${query.join("&")}`;
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null ? (value as JsonObject) : {};
}
