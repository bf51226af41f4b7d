import { METHODS_SERVICE, OPERATIONS_SERVICE, WORKERS_SERVICE } from "../grpc/service-shapes.ts";
import { type Route, routeOf, type RouteTable } from "./router.ts";

/** The RPC of each call that has one. */
const RPCS: Readonly<Partial<Record<Route["call"], string>>> = {
  get: `${OPERATIONS_SERVICE.typeName}.GetOperation`,
  list: `${OPERATIONS_SERVICE.typeName}.ListOperations`,
  delete: `${OPERATIONS_SERVICE.typeName}.DeleteOperation`,
  cancel: `${OPERATIONS_SERVICE.typeName}.CancelOperation`,
  wait: `${OPERATIONS_SERVICE.typeName}.WaitOperation`,
  start: `${METHODS_SERVICE.typeName}.StartOperation`,
  claim: `${WORKERS_SERVICE.typeName}.ClaimOperations`,
  renew: `${WORKERS_SERVICE.typeName}.RenewAttempts`,
  complete: `${WORKERS_SERVICE.typeName}.CompleteAttempts`,
  fail: `${WORKERS_SERVICE.typeName}.FailAttempts`,
  release: `${WORKERS_SERVICE.typeName}.ReleaseAttempts`,
  startMany: `${METHODS_SERVICE.typeName}.StartOperations`,
};

/** The RPC at an address, for errors; undefined if there is none. */
export function rpcNameAt(httpMethod: string, path: string, routes: RouteTable): string | undefined {
  try {
    const route = routeOf(httpMethod, path, routes);
    return route.call === "rpc" ? route.rpc.name : RPCS[route.call];
  } catch {
    return undefined;
  }
}
