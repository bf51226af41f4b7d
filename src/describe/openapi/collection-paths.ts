import { invariant } from "../../core/invariant.ts";
import type { ApiDescription, MethodDescription } from "../discovery/description.ts";
import { operationsResource } from "../discovery/operations-resource.ts";
import type { PlacedMethod } from "../discovery/rpc-describer.ts";
import { operationObject, type OperationExtras } from "./operation-object.ts";
import type { JsonSchema } from "./schema.ts";

/**
 * The methods of google.longrunning.Operations under parents: the list of any parent, and all five
 * under each collection in which RPCs store operations, such as
 * `/v1/projects/{projectsId}/locations/{locationsId}/operations`.
 *
 * @param placed RPCs with their paths
 */
export function collectionPaths(
  api: ApiDescription,
  placed: readonly PlacedMethod[],
): Record<string, object> {
  const parent = `/${api.version}/{parent}/operations`;
  const ids = (method: string): string => `${api.name}.parents.operations.${method}`;
  const list = describe(api, "list", {
    id: ids("list"),
    path: { parent: PARENT },
    errors: ["INVALID_ARGUMENT"],
  });
  return Object.assign(
    { [parent]: { get: list } },
    ...collectionsOf(placed).map((each) => pathsOf(api, each)),
  );
}

/**
 * The collection of an RPC's operations, as the beginning of its flat path:
 * `v1/projects/{projectsId}`.
 */
const COLLECTION =
  /^v\d+[a-z0-9]*\/[^/{}:]+\/\{[^/{}]+\}(?:\/global|\/(?:locations|regions|zones)\/(?:\{[^/{}]+\}|[^/{}:]+))?(?=[/:]|$)/;

/** Without duplicates, regardless of the names of the variables. */
function collectionsOf(placed: readonly PlacedMethod[]): readonly string[] {
  const found = new Map<string, string>();
  for (const { method } of placed) {
    const collection = COLLECTION.exec(method.flatPath)?.[0];
    const shape = collection?.replaceAll(/\{[^}]*\}/g, "{}") ?? "";
    if (collection === undefined || found.has(shape) || method.response.$ref !== "Operation") continue;
    found.set(shape, collection);
  }
  return [...found.values()].toSorted();
}

function pathsOf(api: ApiDescription, collection: string): Record<string, object> {
  const segments = collection.split("/").slice(1);
  const names = segments.filter((segment) => segment.startsWith("{")).map((name) => name.slice(1, -1));
  const path = Object.fromEntries(names.map((name) => [name, partOf(name)]));
  const resource = segments.filter((segment) => !segment.startsWith("{")).join(".");
  const operation = { ...path, operationsId: OPERATION };
  const object = (name: string, of: Described["path"], extras: Partial<OperationExtras> = {}): object =>
    describe(api, name, { id: `${api.name}.${resource}.operations.${name}`, path: of, ...extras });
  const all = `/${collection}/operations`;
  const one = `${all}/{operationsId}`;
  return {
    [all]: { get: object("list", path, { errors: ["INVALID_ARGUMENT"] }) },
    [one]: { get: object("get", operation, { tagged: true }), delete: object("delete", operation) },
    [`${one}:cancel`]: { post: object("cancel", operation, { bodyIsOptional: true }) },
    [`${one}:wait`]: {
      post: object("wait", operation, { errors: ["INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED"] }),
    },
  };
}

/** The description of a method at another path. */
interface Described extends Partial<OperationExtras> {
  readonly id: string;
  /** The parameters of the path, which replace the name. */
  readonly path: Readonly<Record<string, JsonSchema>>;
}

function describe(api: ApiDescription, name: string, { id, path, ...extras }: Described): object {
  const method: MethodDescription | undefined = operationsResource(api.name, api.version).methods[name];
  invariant(method !== undefined, "the operations resource has all five methods");
  const { name: replaced, ...query } = method.parameters;
  invariant(replaced !== undefined, "every method has a name");
  const parameters = { ...Object.fromEntries(Object.keys(path).map((each) => [each, replaced])), ...query };
  return operationObject(
    { ...method, id, parameters },
    { tag: "operations", parameters: path, errors: ["INVALID_ARGUMENT", "NOT_FOUND"], ...extras },
  );
}

function partOf(name: string): JsonSchema {
  return { name, in: "path", required: true, schema: { type: "string", minLength: 1 } };
}

const OPERATION: JsonSchema = {
  ...partOf("operationsId"),
  description: "The id of the operation, which is the last segment of its name.",
};

const PARENT: JsonSchema = {
  ...partOf("parent"),
  description:
    "The name of the operations' parent resource with its slashes percent-encoded, such as `projects%2Fp%2Flocations%2Fl`.",
};
