import type { Method } from "../../core/method.ts";
import type { MethodDescription, ParameterDescription } from "./description.ts";
import type { MethodSchemaIds } from "./method-schemas.ts";

/** What every start takes beside its body. */
const START_PARAMETERS: Readonly<Record<string, ParameterDescription>> = {
  requestId: {
    type: "string",
    description:
      "A unique id of this request, best a UUID: the same id with the same request gives the same operation.",
    location: "query",
  },
  timeToLive: {
    type: "string",
    format: "google-duration",
    description: "How long to keep the operation once it is done, such as `3600s`.",
    location: "query",
  },
  validateOnly: {
    type: "boolean",
    description: "Checks the request and starts nothing.",
    location: "query",
  },
};

/** A declared method at the root, `service.createArchive(body=…)`, for operations without a parent. */
export function rootMethod(
  api: { readonly name: string; readonly version: string },
  method: Method,
  ids: MethodSchemaIds,
): MethodDescription {
  const path = `${api.version}:${method.name}`;
  return {
    id: `${api.name}.${method.name}`,
    description: describe(method, ids),
    httpMethod: "POST",
    path,
    flatPath: path,
    parameters: START_PARAMETERS,
    parameterOrder: [],
    request: { $ref: ids.request },
    response: { $ref: "Operation" },
  };
}

/** A declared method under a parent, `service.parents().createArchive(parent=…, body=…)`. */
export function parentMethod(
  api: { readonly name: string; readonly version: string },
  method: Method,
  ids: MethodSchemaIds,
): MethodDescription {
  const path = `${api.version}/{+parent}:${method.name}`;
  return {
    ...rootMethod(api, method, ids),
    id: `${api.name}.parents.${method.name}`,
    path,
    flatPath: path,
    parameters: {
      parent: {
        type: "string",
        description: "The collection to put the operation under, such as `projects/p/locations/l`.",
        location: "path",
        required: true,
        pattern: "^[^/]+(/[^/]+)*$",
      },
      ...START_PARAMETERS,
    },
    parameterOrder: ["parent"],
  };
}

function describe(method: Method, ids: MethodSchemaIds): string {
  const types = `Returns an Operation with response ${ids.response} and metadata ${ids.metadata}.`;
  return method.description === "" ? types : `${method.description} ${types}`;
}
