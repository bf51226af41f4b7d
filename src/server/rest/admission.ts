import type { Caller } from "../../core/caller.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import type { Operations } from "../../engine/operations.ts";
import type { RestRequest } from "./request.ts";
import { type Route, type RouteTable, routeOf } from "./router.ts";

/**
 * Callers without credentials that lack the permission are rejected before their request is read:
 * they learn neither what exists nor what is wrong with the request.
 */

type Gate = Pick<Operations, "admit" | "asksBefore">;

/** The parts needed to find a route. */
export interface RouteService {
  readonly operations: Gate;
  readonly routes: RouteTable;
}

/**
 * The route of a call.
 *
 * @returns a rejection for a caller that lacks the permission for such calls
 * @throws {StatusError} as {@link routeOf} does
 */
export function admittedRoute(
  { operations, routes }: RouteService,
  { caller, method, path }: { readonly caller: Caller; readonly method: string; readonly path: string },
): Route | Promise<never> {
  if (!operations.asksBefore(caller)) return routeOf(method, path, routes);
  let route: Route;
  try {
    route = routeOf(method, path, routes);
  } catch (error) {
    return admitAnywhere(operations, caller) ?? Promise.reject(error);
  }
  // The calls of a batch may have their own credentials.
  if (route.call === "batch") return route;
  if (route.call === "options") return admitAnywhere(operations, caller) ?? route;
  return operations.admit({ caller, ...askedBy(route) }) ?? route;
}

/** A rejection for a caller without any permission. */
export function admitAnywhere(operations: Gate, caller: Caller): Promise<never> | undefined {
  const call = { caller, permission: PERMISSIONS.discover, resource: "" };
  return operations.admit(call, Object.values(PERMISSIONS));
}

/** The error for a request that fails before its credentials were checked. */
export async function refusalBefore(
  operations: Gate,
  request: RestRequest,
  error: unknown,
): Promise<unknown> {
  try {
    await admitAnywhere(operations, await request.caller());
    return error;
  } catch (refusal) {
    return refusal;
  }
}

/** The call of a route, as far as the route determines it. */
function askedBy(route: Exclude<Route, { call: "batch" | "options" }>): Omit<Call, "caller"> {
  switch (route.call) {
    case "get":
    case "delete":
    case "cancel":
    case "wait":
    case "watch":
      return { permission: PERMISSIONS[route.call], resource: route.name };
    case "list":
      return { permission: PERMISSIONS.list, resource: route.parent };
    case "watchMany":
      return { permission: PERMISSIONS.watch, resource: route.parent, rpc: "WatchOperations" };
    case "claim":
      return { permission: PERMISSIONS.claim, resource: route.parent };
    case "renew":
    case "complete":
    case "fail":
    case "release":
      return { permission: PERMISSIONS.claim, resource: route.name ?? "" };
    case "start":
      return { permission: PERMISSIONS.start, resource: route.parent, method: route.method };
    case "startMany":
      return { permission: PERMISSIONS.start, resource: "" };
    case "rpc":
      return { permission: route.rpc.permission, resource: "", method: route.rpc.name };
    case "testPermissions":
    case "discover":
    case "directory":
    case "openapi":
      return { permission: PERMISSIONS.discover, resource: "" };
  }
}
