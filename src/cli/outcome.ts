import {
  type ClientOperation,
  type ErrorCode,
  OperationError,
  StatusError,
  stateOf,
} from "../client/index.ts";
import { certificateProblem } from "../client/error.ts";
import type { ExitName } from "./exit.ts";

/** The exit code for an operation's state. */
export function exitOfOperation(operation: ClientOperation): ExitName {
  const state = stateOf(operation);
  switch (state) {
    case "SUCCEEDED":
      return "succeeded";
    case "FAILED":
      return "failed";
    case "CANCELLED":
      return "cancelled";
    case "PENDING":
    case "RUNNING":
      return "stillRunning";
  }
}

/** The exit code for a failed call. */
export function exitOfError(error: StatusError): ExitName {
  if (error instanceof OperationError) return exitOfOperation(error.operation);
  if (error.code === "NOT_FOUND") return "notFound";
  return error.code === "UNAVAILABLE" || error.code === "DEADLINE_EXCEEDED" ? "unreachable" : "refused";
}

/**
 * The next step after a failed call; undefined if the message already contains it.
 *
 * @param server the flag of the command line for another server than the usual one, after a space
 */
export function nextAfter(error: StatusError, server = ""): string | undefined {
  if (error.reason === "SERVER_UNREACHABLE") {
    const problem = certificateProblem(error);
    if (problem === "authority") return "Or name it with --ca FILE or LONGRUNNING_CA.";
    if (problem !== undefined) return undefined;
    return "Start one with: longrunning serve FILE…; or name another with --server or LONGRUNNING_SERVER.";
  }
  if (error.reason === "METHOD_NOT_FOUND")
    return `See the methods of the server with: longrunning methods${server}`;
  if (error.metadata["remedy"] !== undefined) return "See what else is wrong with: longrunning doctor";
  const next = NEXT_BY_REASON[error.reason ?? ""] ?? NEXT[error.code];
  // Other servers of operations give no reason.
  return next === undefined && error.code === "NOT_FOUND"
    ? `See what there is with: longrunning list${server}; operations below a parent need --parent.`
    : next;
}

const NEXT_BY_REASON: Readonly<Record<string, string>> = {
  PATH_NOT_FOUND: "Check the address in --server or LONGRUNNING_SERVER, and the name.",
  ANSWER_INVALID: "Check the address in --server or LONGRUNNING_SERVER.",
  API_KEY_NOT_FOUND: "See the keys with: longrunning keys list.",
  WEBHOOK_ENDPOINT_NOT_FOUND:
    "See the endpoints of a parent with: longrunning webhooks list PARENT; a name is such as projects/p/webhookEndpoints/ID.",
  WEBHOOK_DELIVERY_NOT_FOUND: "See the deliveries with: longrunning webhooks deliveries NAME.",
};

const NEXT: Partial<Record<ErrorCode, string>> = {
  INVALID_ARGUMENT: "Correct what the message names and call again.",
  UNAUTHENTICATED: "Give credentials with --token or --api-key; operators give --admin-token.",
  PERMISSION_DENIED:
    "Ask the operator of the server. With the file of access rules, longrunning access explain shows the reason.",
  RESOURCE_EXHAUSTED: "Try again later, or with fewer calls at once.",
  ABORTED: "Try again.",
  UNAVAILABLE: "Try again; see how the server is with: longrunning doctor.",
  DEADLINE_EXCEEDED: "Try again; see how the server is with: longrunning doctor.",
  INTERNAL: "The server's log has the whole story.",
};
