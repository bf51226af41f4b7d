import type { Route } from "./router.ts";

/** The template after the version, for each call that has one. */
const VERSIONED = {
  get: "/{name=**/operations/*}",
  delete: "/{name=**/operations/*}",
  cancel: "/{name=**/operations/*}:cancel",
  wait: "/{name=**/operations/*}:wait",
  watch: "/{name=**/operations/*}:watch",
  watchMany: "/{parent=**}/operations:watch",
  claim: "/{parent=**}/operations:claim",
  renew: "/{name=**/operations/*}:renew",
  complete: "/{name=**/operations/*}:complete",
  fail: "/{name=**/operations/*}:fail",
  release: "/{name=**/operations/*}:release",
  list: "/{name=**}/operations",
  start: "/{parent=**}:{method}",
  startMany: ":startOperations",
} as const;

/** The templates of our other addresses. */
const UNVERSIONED = {
  discover: "/$discovery/rest",
  directory: "/discovery/v1/apis",
  openapi: "/openapi.json",
  batch: "/batch",
} as const;

/**
 * The template of an address, for telemetry: there are only a few, whatever callers send.
 *
 * @param path the path by which the route was found, not decoded: its first segment is a known
 * version
 */
export function templateOf(route: Route, path: string): string | undefined {
  const { call } = route;
  if (call === "rpc") return route.rpc.template;
  if (call === "options") return undefined;
  if ("name" in route && route.name === undefined) return `/${versionIn(path)}/operations:${call}`;
  if (call in UNVERSIONED) return UNVERSIONED[call as keyof typeof UNVERSIONED];
  return versioned(versionIn(path), call as keyof typeof VERSIONED);
}

/** The template of a get whose answer was cached. */
export function templateOfGet(target: string): string {
  return versioned(versionIn(target), "get");
}

/** The templates by version: ten thousand waiting callers share a text. */
const WHOLE = new Map<string, Record<keyof typeof VERSIONED, string>>();

/** @param version a known one, of which there are only a few */
function versioned(version: string, call: keyof typeof VERSIONED): string {
  let templates = WHOLE.get(version);
  if (templates === undefined) {
    const whole = Object.entries(VERSIONED).map(([name, rest]) => [name, `/${version}${rest}`]);
    templates = Object.fromEntries(whole) as Record<keyof typeof VERSIONED, string>;
    WHOLE.set(version, templates);
  }
  return templates[call];
}

function versionIn(path: string): string {
  return path.slice(1, path.slice(1).search(/[/:]/) + 1);
}
