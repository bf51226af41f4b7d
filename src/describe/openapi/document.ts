import { invariant } from "../../core/invariant.ts";
import type { Method } from "../../core/method/method.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { jsonSchemaOf, type Schema } from "../../core/method/schema.ts";
import { typeUrl } from "../../wire/any.ts";
import { type DocumentText, documentText } from "../document-text.ts";
import { parentMethod, rootMethod, startManyMethod } from "../discovery/declared-methods.ts";
import type { ApiDescription } from "../discovery/description.ts";
import { GLOBAL_PARAMETERS } from "../discovery/global-parameters.ts";
import { MESSAGE_SCHEMAS } from "../discovery/message-schemas.ts";
import { addMethodSchemas, type MethodSchemaIds, SchemaTable } from "../discovery/method-schemas.ts";
import { operationsResource } from "../discovery/operations-resource.ts";
import type { PlacedMethod, RpcDescriber } from "../discovery/rpc-describer.ts";
import { collectionPaths } from "./collection-paths.ts";
import { ERROR_SCHEMAS } from "./errors.ts";
import { operationObject } from "./operation-object.ts";
import { operationsPaths } from "./operations-paths.ts";
import { watchPaths } from "./watch-paths.ts";
import { rpcPaths, rpcTags } from "./rpc-paths.ts";
import { jsonSchema, type JsonSchema, parameterObject, schemaReference, transplanted } from "./schema.ts";

/**
 * Builds the OpenAPI 3.1 document of a service step by step, from the same descriptions as the
 * discovery document. It contains the methods' own JSON Schemas unchanged, because OpenAPI uses the
 * same dialect.
 *
 * OpenAPI's path parameters end at a slash, so names with slashes do not fit. An operation's name
 * follows `operations/` with its slashes percent-encoded, which the router reads as a whole name; a
 * parent goes into the query or, encoded in the same way, into the path. If RPCs define
 * collections, the operations in them have their own paths.
 *
 * @param rpcs describes methods with HTTP bindings
 *
 * @see https://spec.openapis.org/oas/v3.1.0; contract sections 3.1, 6.3
 */
export function* openApiDocument(
  api: ApiDescription,
  methods: Iterable<Method>,
  rpcs?: RpcDescriber,
): Generator<undefined, DocumentText> {
  const table = new SchemaTable({
    ...MESSAGE_SCHEMAS,
    Error: {},
    ErrorV1: {},
    ErrorStatus: {},
    ErrorV1Item: {},
  });
  const schemas: Record<string, JsonSchema> = { ...ERROR_SCHEMAS };
  for (const [id, schema] of Object.entries(MESSAGE_SCHEMAS)) schemas[id] = jsonSchema(schema);
  const paths: Record<string, object> = {};
  const many = startManyMethod(api);
  const taken = Object.values(operationsResource(api.name, api.version).methods).map(({ id }) => id);
  taken.push(many.id);
  for (const method of methods) {
    if (method.rpc !== undefined) continue;
    const ids = addMethodSchemas(method, table);
    Object.assign(schemas, methodSchemas(method, ids));
    Object.assign(paths, methodPaths(api, method, ids));
    taken.push(rootMethod(api, method, ids).id);
    yield;
  }
  const post = operationObject(many, { tag: METHODS_TAG, errors: ["INVALID_ARGUMENT", "UNAVAILABLE"] });
  paths[`/${many.path}`] = { post };
  const described = rpcs === undefined ? undefined : yield* rpcs.describe(api, { table, taken });
  yield;
  for (const [id, schema] of Object.entries(described?.schemas ?? {})) schemas[id] = jsonSchema(schema);
  return yield* documentText({
    openapi: "3.1.0",
    info: infoOf(api),
    servers: [{ url: api.rootUrl.replace(/\/$/, "") }],
    // The server needs no credentials.
    security: [],
    tags: [
      {
        name: METHODS_TAG,
        description: "The methods that callers can start. Each call answers with an operation.",
      },
      { name: "operations", description: "Operations that were started: google.longrunning.Operations." },
      ...rpcTags(described?.methods ?? []),
    ],
    paths: withGlobalParameters({ ...paths, ...sharedPaths(api, described?.methods ?? []) }),
    components: { schemas: inOrder(schemas), parameters: globalParameters() },
  });
}

const METHODS_TAG = "methods";

function infoOf({ title, version }: ApiDescription): object {
  const description =
    "Starts long-running operations and lets callers get, list, wait for, cancel and delete them.";
  return { title, version, description };
}

/** The paths of RPCs and of operations. */
function sharedPaths(api: ApiDescription, placed: readonly PlacedMethod[]): Record<string, object> {
  return {
    ...rpcPaths(placed),
    ...operationsPaths(api),
    ...watchPaths(api),
    ...collectionPaths(api, placed),
  };
}

function methodPaths(api: ApiDescription, method: Method, ids: MethodSchemaIds): Record<string, object> {
  const root = rootMethod(api, method, ids);
  const { parent, ...others } = parentMethod(api, method, ids).parameters;
  invariant(parent !== undefined, "a method under a parent has the parent as a parameter");
  const post = operationObject(
    { ...root, parameters: { parent, ...others } },
    {
      tag: METHODS_TAG,
      answer: startedOperation(method, ids),
      parameters: { parent: PARENT },
      starts: true,
      errors: ["INVALID_ARGUMENT", "ABORTED", "UNAVAILABLE"],
    },
  );
  return { [`/${api.version}:${method.name}`]: { post } };
}

const PARENT: JsonSchema = {
  name: "parent",
  in: "query",
  description:
    "The collection that will contain the operation, such as `projects/p/locations/l`. Default: none.",
  schema: { type: "string" },
};

/**
 * An operation of a method after success: `response` is a Struct with the method's response, or
 * Empty.
 */
function startedOperation(method: Method, ids: MethodSchemaIds): JsonSchema {
  const empty = method.response === undefined;
  const type = { const: typeUrl(empty ? "google.protobuf.Empty" : STRUCT) };
  const response = empty
    ? { properties: { "@type": type } }
    : { properties: { "@type": type, value: { $ref: schemaReference(ids.response) } } };
  return { allOf: [{ $ref: schemaReference("Operation") }], properties: { response } };
}

/** The method's own schemas. */
function methodSchemas(method: Method, ids: MethodSchemaIds): Record<string, JsonSchema> {
  return {
    [ids.request]: ownSchema(ids.request, method.request, "input"),
    ...(method.response === undefined
      ? {}
      : { [ids.response]: ownSchema(ids.response, method.response, "output") }),
    [ids.metadata]: ownSchema(ids.metadata, method.metadata, "output"),
  };
}

/** The JSON Schema of a schema; a free object if it has none. */
function ownSchema(id: string, schema: Schema | undefined, direction: "input" | "output"): JsonSchema {
  const described = jsonSchemaOf(schema, direction);
  return described === undefined ? { type: "object" } : transplanted(described, schemaReference(id));
}

/** `$.xgafv` as `xgafv`, because names of components must not contain a dollar sign. */
function componentName(parameter: string): string {
  return parameter.replace("$.", "");
}

function globalParameters(): Record<string, object> {
  const entries = Object.entries(GLOBAL_PARAMETERS);
  return Object.fromEntries(
    entries.map(([name, parameter]) => [componentName(name), parameterObject(name, parameter)]),
  );
}

/** Adds the system parameters to every path. */
function withGlobalParameters(paths: Record<string, object>): Record<string, object> {
  const parameters = Object.keys(GLOBAL_PARAMETERS).map((name) => {
    return { $ref: `#/components/parameters/${componentName(name)}` };
  });
  return Object.fromEntries(Object.entries(paths).map(([path, item]) => [path, { parameters, ...item }]));
}

function inOrder<T>(byName: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(byName).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
