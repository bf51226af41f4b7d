import type { Method } from "../../core/method/method.ts";
import type { MethodDescription, ParameterDescription, ValueDescription } from "./description.ts";
import type { MethodSchemaIds } from "./method-schemas.ts";

/** The parameters of every start in addition to its body. */
const START_PARAMETERS: Readonly<Record<string, ParameterDescription>> = {
  callbackUrl: {
    type: "string",
    description:
      "The `https:` URL to which the end of the operation is posted. The operator of the service lists the allowed hosts.",
    location: "query",
  },
  delay: {
    type: "string",
    format: "google-duration",
    description:
      "The delay between the start and the earliest begin of the operation, such as `30s`: up to a year.",
    location: "query",
  },
  priority: {
    type: "integer",
    format: "int32",
    description:
      "The priority: 0 to 9. Of the operations that may begin, those with the highest priority begin first.",
    default: "0",
    minimum: "0",
    maximum: "9",
    location: "query",
  },
  requestId: {
    type: "string",
    description:
      "A unique id of this request, preferably a UUID: the same id with the same request gives the same operation.",
    location: "query",
  },
  timeToLive: {
    type: "string",
    format: "google-duration",
    description: "The time for which the operation is kept after it is done, such as `3600s`.",
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
        description: "The collection that will contain the operation, such as `projects/p/locations/l`.",
        location: "path",
        required: true,
        pattern: "^[^/]+(/[^/]+)*$",
      },
      ...START_PARAMETERS,
    },
    parameterOrder: ["parent"],
  };
}

/** The call that starts many operations, `service.startOperations(body=…)`. */
export function startManyMethod(api: { readonly name: string; readonly version: string }): MethodDescription {
  const path = `${api.version}:startOperations`;
  return {
    id: `${api.name}.startOperations`,
    description:
      "Starts up to 1000 operations. The error of a start is in its result and does not affect the others.",
    httpMethod: "POST",
    path,
    flatPath: path,
    parameters: {},
    parameterOrder: [],
    request: { $ref: "StartOperationsRequest" },
    response: { $ref: "StartOperationsResponse" },
  };
}

/** The parameters of a start as fields of an entry in `startOperations`. */
export const START_FIELDS: Readonly<Record<string, ValueDescription>> = Object.fromEntries(
  Object.entries(START_PARAMETERS).map(([name, parameter]) => [name, fieldOf(parameter)]),
);

function fieldOf(parameter: ParameterDescription): ValueDescription {
  const { location: _location, ...field } = parameter;
  return field;
}

function describe(method: Method, ids: MethodSchemaIds): string {
  const types = `Returns an Operation with response ${ids.response} and metadata ${ids.metadata}.`;
  return method.description === "" ? types : `${method.description} ${types}`;
}
