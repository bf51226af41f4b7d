import { START_FIELDS } from "./declared-methods.ts";
import type { SchemaDescriptions, ValueDescription } from "./description.ts";

/** A `google.protobuf.Any` as in Google's documents. @see contract section 5.1 */
function anyMessage(description: string): ValueDescription {
  return {
    type: "object",
    description,
    additionalProperties: {
      type: "any",
      description: "Properties of the object. Contains field @type with type URL.",
    },
  };
}

/** Google's messages of the Operations service. @see google/longrunning/operations.proto; google/rpc/status.proto */
export const MESSAGE_SCHEMAS: SchemaDescriptions = {
  Operation: {
    id: "Operation",
    type: "object",
    description: "This resource represents a long-running operation that is the result of a call.",
    properties: {
      name: {
        type: "string",
        description:
          "The server-assigned name, which is only unique within the same service that originally returns it. It ends in `operations/{unique_id}`.",
      },
      metadata: anyMessage(
        "Service-specific metadata associated with the operation: its verb, state, times, attempt, progress and the like.",
      ),
      done: {
        type: "boolean",
        description:
          "If the value is `false`, it means the operation is still in progress. If `true`, the operation is completed, and either `error` or `response` is available.",
      },
      error: {
        $ref: "Status",
        description: "The error result of the operation in case of failure or cancellation.",
      },
      response: anyMessage("The normal, successful response of the operation."),
    },
  },
  Status: {
    id: "Status",
    type: "object",
    description:
      "The `Status` type defines a logical error model: an error code, an error message, and error details.",
    properties: {
      code: {
        type: "integer",
        format: "int32",
        description: "The status code, which should be an enum value of google.rpc.Code.",
      },
      message: {
        type: "string",
        description: "A developer-facing error message, which should be in English.",
      },
      details: {
        type: "array",
        description: "A list of messages that carry the error details.",
        items: anyMessage("One error detail."),
      },
    },
  },
  ListOperationsResponse: {
    id: "ListOperationsResponse",
    type: "object",
    description: "The response message for Operations.ListOperations.",
    properties: {
      operations: {
        type: "array",
        description: "A list of operations that matches the specified filter in the request.",
        items: { $ref: "Operation" },
      },
      nextPageToken: {
        type: "string",
        description: "The standard List next-page token. Only an empty one ends the list.",
      },
      unreachable: {
        type: "array",
        description: "Unordered list. Collections that could not be reached.",
        items: { type: "string" },
      },
    },
  },
  CancelOperationRequest: {
    id: "CancelOperationRequest",
    type: "object",
    description: "The request message for Operations.CancelOperation.",
    properties: {},
  },
  WaitOperationRequest: {
    id: "WaitOperationRequest",
    type: "object",
    description: "The request message for Operations.WaitOperation.",
    properties: {
      timeout: {
        type: "string",
        format: "google-duration",
        description: "The maximum duration to wait before timing out.",
      },
    },
  },
  StartOperationRequest: {
    id: "StartOperationRequest",
    type: "object",
    description: "One of the starts of a StartOperationsRequest.",
    properties: {
      method: { type: "string", description: "Required. The name of a declared method." },
      parent: {
        type: "string",
        description: "The collection that will contain the operation, such as `projects/p/locations/l`.",
      },
      request: {
        type: "object",
        description: "The request of the method.",
        additionalProperties: { type: "any", description: "Properties of the object." },
      },
      ...START_FIELDS,
    },
  },
  StartOperationsRequest: {
    id: "StartOperationsRequest",
    type: "object",
    description: "The request message for Methods.StartOperations.",
    properties: {
      requests: {
        type: "array",
        description: "Required. The operations to start: 1 to 1000.",
        items: { $ref: "StartOperationRequest" },
      },
    },
  },
  StartOperationResult: {
    id: "StartOperationResult",
    type: "object",
    description: "The result of one start among several.",
    properties: {
      operation: {
        $ref: "Operation",
        description:
          "The operation that was started, by this start or by an earlier start with the same request id.",
      },
      error: { $ref: "Status", description: "The reason that nothing was started." },
    },
  },
  StartOperationsResponse: {
    id: "StartOperationsResponse",
    type: "object",
    description: "The response message for Methods.StartOperations.",
    properties: {
      results: {
        type: "array",
        description: "One result for each request, in the order of the requests.",
        items: { $ref: "StartOperationResult" },
      },
    },
  },
  Empty: {
    id: "Empty",
    type: "object",
    description: "A generic empty message.",
    properties: {},
  },
};
