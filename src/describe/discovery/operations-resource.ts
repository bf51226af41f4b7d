import type { MethodDescription, ParameterDescription, ResourceDescription } from "./description.ts";

/**
 * The `operations` resource: `service.operations().get(name=…)` and its other methods.
 *
 * Clients check patterns (contract section 5.2), so the patterns accept names with and without a
 * parent. The path of `list` is the same as in most Google services, `v1/{+name}/operations`; the
 * router understands all four forms of the name there (contract section 1.7), so that
 * `list(name="operations")` and `list(name="projects/p")` both work.
 */
export function operationsResource(api: string, version: string): ResourceDescription {
  const id = (method: string): string => `${api}.operations.${method}`;
  return {
    methods: {
      cancel: cancelMethod(id("cancel"), version),
      delete: {
        id: id("delete"),
        description:
          "Deletes a long-running operation. This method indicates that the client is no longer interested in the operation result. It does not cancel the operation.",
        httpMethod: "DELETE",
        ...onOperation(version, "deleted"),
        response: { $ref: "Empty" },
      },
      get: {
        id: id("get"),
        description:
          "Gets the latest state of a long-running operation. Clients can use this method to poll the operation result at intervals as recommended by the API service.",
        httpMethod: "GET",
        ...onOperation(version, ""),
        response: { $ref: "Operation" },
      },
      list: listMethod(id("list"), version),
      wait: waitMethod(id("wait"), version),
    },
  };
}

type Addressed = Pick<MethodDescription, "path" | "flatPath" | "parameters" | "parameterOrder">;

/** The address and parameters of a method for one operation. */
function onOperation(version: string, toBe: string, verb = ""): Addressed {
  const name: ParameterDescription = {
    type: "string",
    description: `The name of the operation resource${toBe === "" ? "" : ` to be ${toBe}`}.`,
    location: "path",
    required: true,
    pattern: "^(.+/)?operations/.+$",
  };
  return {
    path: `${version}/{+name}${verb}`,
    flatPath: `${version}/operations/{operationsId}${verb}`,
    parameters: { name },
    parameterOrder: ["name"],
  };
}

function cancelMethod(id: string, version: string): MethodDescription {
  return {
    id,
    description:
      "Starts asynchronous cancellation on a long-running operation. The server makes a best effort to cancel the operation, but success is not guaranteed. On successful cancellation, the operation is not deleted; it becomes an operation with an `error` whose code is 1, `CANCELLED`.",
    httpMethod: "POST",
    ...onOperation(version, "cancelled", ":cancel"),
    request: { $ref: "CancelOperationRequest" },
    response: { $ref: "Empty" },
  };
}

/**
 * As in nearly all services: no body, and `timeout` in the query. The server also accepts a body.
 */
function waitMethod(id: string, version: string): MethodDescription {
  const addressed = onOperation(version, "waited for", ":wait");
  return {
    id,
    description:
      "Waits until the specified long-running operation is done or reaches at most a specified timeout, returning the latest state. If the operation is already done, the latest state is immediately returned.",
    httpMethod: "POST",
    ...addressed,
    parameters: {
      ...addressed.parameters,
      timeout: {
        type: "string",
        format: "google-duration",
        description: "The maximum duration to wait before timing out, such as `5s`.",
        location: "query",
      },
    },
    response: { $ref: "Operation" },
  };
}

function listMethod(id: string, version: string): MethodDescription {
  return {
    id,
    description: "Lists operations of one parent, newest first.",
    httpMethod: "GET",
    path: `${version}/{+name}/operations`,
    flatPath: `${version}/operations`,
    parameters: {
      name: {
        type: "string",
        description:
          "The name of the operation's parent resource, or `operations` for operations without a parent.",
        location: "path",
        required: true,
        pattern: "^.+$",
      },
      filter: { type: "string", description: "The standard list filter.", location: "query" },
      orderBy: {
        type: "string",
        description: "The standard list order: `createTime` or `endTime`, with ` desc` after it or not.",
        location: "query",
      },
      pageSize: {
        type: "integer",
        format: "int32",
        description: "The standard list page size.",
        location: "query",
      },
      pageToken: { type: "string", description: "The standard list page token.", location: "query" },
      returnPartialSuccess: {
        type: "boolean",
        description: "Whether operations that are reachable are returned when others are not.",
        location: "query",
      },
    },
    parameterOrder: ["name"],
    response: { $ref: "ListOperationsResponse" },
  };
}
