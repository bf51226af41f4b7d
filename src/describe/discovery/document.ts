import type { Method } from "../../core/method/method.ts";
import { encodeJson } from "../../core/operation/payload.ts";
import { type DocumentText, documentText } from "../document-text.ts";
import { parentMethod, rootMethod, startManyMethod } from "./declared-methods.ts";
import type { ApiDescription, MethodDescription } from "./description.ts";
import { GLOBAL_PARAMETERS } from "./global-parameters.ts";
import { MESSAGE_SCHEMAS } from "./message-schemas.ts";
import { addMethodSchemas, SchemaTable } from "./method-schemas.ts";
import { operationsResource } from "./operations-resource.ts";
import { idsOf, type ResourceTree, withMethods } from "./resource-tree.ts";
import type { RpcDescriber } from "./rpc-describer.ts";

const PROJECT_URL = "https://google.aip.dev/151";

/**
 * Builds the discovery document of a service, step by step. `google-api-python-client`,
 * `googleapis` and others generate their methods from it. It has no `auth`, because Python would
 * then look for Google credentials.
 *
 * Declared methods are at the root (`service.createArchive`), which Python 1.7.12 and `googleapis`
 * both understand, and once more with a parent under `parents`. Methods declared by protos are at
 * the places of their HTTP bindings.
 *
 * @param rpcs describes methods with HTTP bindings
 *
 * @see contract sections 5.1, 5.2
 */
export function* discoveryDocument(
  api: ApiDescription,
  methods: Iterable<Method>,
  rpcs?: RpcDescriber,
): Generator<undefined, DocumentText> {
  const table = new SchemaTable(MESSAGE_SCHEMAS);
  const atRoot: Record<string, MethodDescription> = {};
  const underParent: Record<string, MethodDescription> = {};
  for (const method of methods) {
    if (method.rpc !== undefined) continue;
    const ids = addMethodSchemas(method, table);
    atRoot[method.name] = rootMethod(api, method, ids);
    underParent[method.name] = parentMethod(api, method, ids);
    yield;
  }
  atRoot["startOperations"] = startManyMethod(api);
  const declared: ResourceTree = {
    methods: atRoot,
    resources: {
      operations: operationsResource(api.name, api.version),
      parents: { methods: underParent },
    },
  };
  const described =
    rpcs === undefined ? [] : (yield* rpcs.describe(api, { table, taken: idsOf(declared) })).methods;
  yield;
  return yield* documentText({
    kind: "discovery#restDescription",
    discoveryVersion: "v1",
    ...identity(api),
    ownerDomain: new URL(api.rootUrl).hostname,
    ownerName: api.title,
    protocol: "rest",
    baseUrl: api.rootUrl,
    basePath: "",
    rootUrl: api.rootUrl,
    servicePath: "",
    batchPath: "batch",
    fullyEncodeReservedExpansion: true,
    version_module: true,
    canonicalName: canonicalName(api.name),
    parameters: GLOBAL_PARAMETERS,
    schemas: table.all(),
    ...withMethods(declared, described),
  });
}

/**
 * The directory of this server's APIs: one API in each of its versions.
 *
 * @param versions the preferred one first
 * @see contract section 5.3
 */
export function discoveryDirectory(
  api: Omit<ApiDescription, "version">,
  versions: readonly string[],
): string {
  return encodeJson({
    kind: "discovery#directoryList",
    discoveryVersion: "v1",
    items: versions.map((version, index) => ({
      kind: "discovery#directoryItem",
      ...identity({ ...api, version }),
      discoveryRestUrl: `${api.rootUrl}$discovery/rest?version=${version}`,
      preferred: index === 0,
    })),
  });
}

/** The common part of document and directory. */
function identity(api: ApiDescription): object {
  return {
    id: `${api.name}:${api.version}`,
    name: api.name,
    version: api.version,
    revision: api.revision,
    title: api.title,
    description:
      "Starts long-running operations and lets callers get, list, wait for, cancel and delete them.",
    icons: {
      x16: "http://www.google.com/images/icons/product/search-16.gif",
      x32: "http://www.google.com/images/icons/product/search-32.gif",
    },
    documentationLink: PROJECT_URL,
  };
}

/** `archive-service` as `Archive Service`, from which generators derive class names. */
function canonicalName(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== "")
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(" ");
}
