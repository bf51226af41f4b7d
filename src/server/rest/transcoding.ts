import type { IncomingHttpHeaders } from "node:http";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { fieldError, Violations } from "../../core/error/violations.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type { ListRequest } from "../../engine/listing/list.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { CallParameters, protoDurationMs, type QueryParameter } from "./query.ts";
import type { Route } from "./router.ts";

/**
 * Converts path, query, headers and body to the requests of the engine.
 *
 * @see google/api/http.proto; contract section 3.1
 */

/**
 * A start: the body is the request; everything about the call itself comes in headers and query. At
 * the root the parent may be a query parameter, for callers that cannot put a name with slashes
 * into a path.
 */
export function startOfRoute(
  route: Extract<Route, { call: "start" }>,
  query: readonly QueryParameter[],
  headers: IncomingHttpHeaders,
  request: JsonObject,
): StartRequest {
  const known = ["requestId", "validateOnly", "timeToLive", "delay", "priority", "callbackUrl"];
  const parameters = new CallParameters(query, route.parent === "" ? [...known, "parent"] : known);
  return {
    method: route.method,
    parent: parameters.text("parent") ?? route.parent,
    request,
    requestId: oneRequestId(headers["idempotency-key"], parameters.text("requestId")),
    validateOnly: parameters.boolean("validateOnly"),
    timeToLiveMs: parameters.durationMs("timeToLive", "TIME_TO_LIVE_INVALID"),
    delayMs: parameters.durationMs("delay", "DELAY_INVALID"),
    priority: parameters.int32("priority", "PRIORITY_INVALID"),
    callbackUrl: parameters.text("callbackUrl"),
  };
}

/**
 * A list. For the root collection the parent may be the query parameter `name` (contract section
 * 1.7).
 */
export function listRequest(
  route: Extract<Route, { call: "list" }>,
  query: readonly QueryParameter[],
): ListRequest {
  const known = ["pageSize", "pageToken", "filter", "orderBy", "returnPartialSuccess"];
  const parameters = new CallParameters(query, route.parent === "" ? [...known, "name"] : known);
  return {
    parent: parameters.text("name") ?? route.parent,
    pageSize: parameters.int32("pageSize", "PAGE_SIZE_INVALID"),
    pageToken: parameters.text("pageToken"),
    filter: parameters.text("filter"),
    orderBy: parameters.text("orderBy"),
    returnPartialSuccess: parameters.boolean("returnPartialSuccess"),
  };
}

/** The timeout of a wait, from the query or the body; both are in use (contract section 5.1). */
export function waitTimeoutMs(query: readonly QueryParameter[], body: JsonObject): number | undefined {
  const inQuery = new CallParameters(query, ["timeout"]).durationMs("timeout", "PARAMETER_INVALID");
  checkFields(body, ["name", "timeout"]);
  const { timeout } = body;
  if (inQuery !== undefined || timeout === undefined || timeout === null) return inQuery;
  return protoDurationMs("timeout", timeout, "PARAMETER_INVALID");
}

/**
 * The permissions that a caller asks about.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID for anything but a list of texts, or for a
 * list that is too long
 * @see google/iam/v1/iam_policy.proto, `TestIamPermissionsRequest`
 */
export function permissionsOfBody(body: JsonObject): readonly string[] {
  checkFields(body, ["resource", "permissions"]);
  const { permissions = [] } = body;
  const { testedPermissionsMax } = LIMITS;
  const isList = Array.isArray(permissions) && permissions.every((each) => typeof each === "string");
  if (isList && permissions.length <= testedPermissionsMax) return permissions;
  throw fieldError("REQUEST_INVALID", {
    field: "permissions",
    description: `Invalid value at 'permissions': expected a list of ${testedPermissionsMax} permissions at most.`,
  });
}

/** For calls without parameters. @throws {StatusError} INVALID_ARGUMENT PARAMETER_INVALID */
export function checkNoParameters(query: readonly QueryParameter[]): void {
  CallParameters.check(query, []);
}

/**
 * For bodies of a known message. A `name` is ignored, because the path has set it.
 *
 * @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID with a violation for each unknown field, in Google's words
 */
export function checkFields(body: JsonObject, known: readonly string[]): void {
  const violations = new Violations();
  for (const field of Object.keys(body)) {
    if (known.includes(field)) continue;
    const shown = field.slice(0, 100);
    violations.add(`Invalid JSON payload received. Unknown name "${shown}": Cannot find field.`, shown);
  }
  if (violations.count > 0) throw violations.error("REQUEST_INVALID");
}

/**
 * For a call with many starts, where a single id would identify only one. @throws {StatusError}
 * INVALID_ARGUMENT REQUEST_ID_INVALID
 */
export function checkNoRequestId(headers: IncomingHttpHeaders): void {
  if (headers["idempotency-key"] === undefined) return;
  throw serviceError(
    "REQUEST_ID_INVALID",
    "Invalid request id: the header Idempotency-Key cannot be that of many starts; give each a requestId of its own.",
  );
}

/**
 * The request id of the header, or else of the query. The header's value may be quoted, as its
 * draft standard requires.
 */
function oneRequestId(header: unknown, parameter: string | undefined): string | undefined {
  if (typeof header !== "string") return parameter;
  const fromHeader = /^"(.*)"$/.exec(header)?.[1] ?? header;
  if (parameter !== undefined && parameter !== fromHeader) {
    throw serviceError(
      "REQUEST_ID_INVALID",
      "Invalid request id: the header Idempotency-Key and the parameter requestId differ; give one of them.",
    );
  }
  return fromHeader;
}
