import type { Operations } from "../engine/operations.ts";
import type { OperationView } from "../wire/operation.ts";

/**
 * The version of our own interface. RPCs may add others, under which operations are served as well.
 */
export const API_VERSION = "v1";

/** The facts about the service in the metadata of its operations, on every transport. */
export function operationView(operations: Pick<Operations, "methods" | "pollIntervalMs">): OperationView {
  return {
    apiVersion: API_VERSION,
    pollIntervalMs: (operation) => operations.pollIntervalMs(operation),
    verb: (method) => operations.methods.get(method)?.verb,
    knownDetails: (method) => operations.methods.get(method)?.knows,
    metadataShape: (method) => operations.methods.get(method)?.metadataShape,
  };
}
