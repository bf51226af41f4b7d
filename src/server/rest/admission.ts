import type { Caller } from "../../core/caller.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import type { Operations } from "../../engine/operations.ts";
import type { RestRequest } from "./request.ts";
import { type Route, type RouteTable, routeOf } from "./router.ts";

/**
 * Callers without credentials who may do nothing of what they ask for are refused before their request is read: they learn
 * neither what there is nor what is wrong with the request.
 */

type Gate = Pick<Operations, "admit" | "asksBefore">;

/** What finding a route takes. */
export interface RouteService {
  readonly operations: Gate;
  readonly routes: RouteTable;
}

/**
 * The route of a call.
 *
 * @returns a rejection for a caller who may not even try it
 * @throws {StatusError} as {@link routeOf}
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
  // The calls of a batch may have credentials of their own.
  if (route.call === "batch") return route;
  if (route.call === "options") return admitAnywhere(operations, caller) ?? route;
  return operations.admit({ caller, ...askedBy(route) }) ?? route;
}

/** A rejection for a caller who may do nothing at all. */
export function admitAnywhere(operations: Gate, caller: Caller): Promise<never> | undefined {
  const call = { caller, permission: PERMISSIONS.discover, resource: "" };
  return operations.admit(call, Object.values(PERMISSIONS));
}

/** What a caller is told of a request that is refused before its credentials were looked at. */
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

/** The call that a route leads to, as far as the route says it. */
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
