import { serviceError } from "../../core/error/error.ts";
import { decodeAll, decodeButSlashes } from "./percent-encoding.ts";
import type { RpcRoute, RpcRoutes } from "./rpc-routes.ts";

/**
 * Finds the call for an HTTP method and a path that is not decoded.
 *
 * Names of resources are paths, a verb follows a colon, and a name may itself contain colons, dots,
 * `=` and percent-encoded slashes. So the router works on the raw text and decodes only the parts
 * that it has cut out (contract sections 1.7, 3.1):
 *
 *     GET, DELETE  /v1/{P/}operations/{id…}
 *     POST         /v1/{P/}operations/{id…}:cancel, …:wait
 *     GET          /v1/{P/}operations/{id…}:watch
 *     GET          /v1/{P/}operations, …:watch
 *     POST         /v1/{P/}operations:claim
 *     POST         /v1/operations:renew, …:complete, …:fail, …:release; and of one, /v1/{P/}operations/{id…}:renew, …
 *     POST         /v1:startOperations
 *     POST         /v1/{resource=**}:testIamPermissions
 *     POST         /v1:{method}, /v1/{parent=**}:{method}
 *     GET          /$discovery/rest, /discovery/v1/apis, /discovery/v1/apis/{api}/{version}/rest
 *     GET          /openapi.json
 *     POST         /batch, /batch/…
 *
 * Besides `v1` there are the versions of users' RPCs. Their HTTP bindings come between the
 * operations and the starts: if both match an address, operations are Google's and all else is the
 * user's.
 */
export type Route =
  | { readonly call: "get" | "delete" | "cancel" | "wait"; readonly name: string }
  | { readonly call: "watch"; readonly name: string }
  | { readonly call: "list"; readonly parent: string }
  | { readonly call: "watchMany"; readonly parent: string }
  | { readonly call: "claim"; readonly parent: string }
  /** `name` is undefined if the body contains many. */
  | { readonly call: AttemptVerb; readonly name: string | undefined }
  | { readonly call: "start"; readonly method: string; readonly parent: string }
  | { readonly call: "startMany" }
  | { readonly call: "testPermissions"; readonly resource: string }
  /**
   * `api` is undefined if the address has none; `version` is undefined if it is a query parameter.
   */
  | { readonly call: "discover"; readonly api: string | undefined; readonly version: string | undefined }
  | { readonly call: "rpc"; readonly rpc: RpcRoute }
  | { readonly call: "directory" }
  | { readonly call: "openapi" }
  | { readonly call: "batch" }
  | { readonly call: "options"; readonly allow: string };

/** The calls of workers about attempts. */
export type AttemptVerb = "renew" | "complete" | "fail" | "release";

/** An address: a call for each of its HTTP methods. */
type Resource = Readonly<Partial<Record<"GET" | "DELETE" | "POST", Route>>>;

/** The configurable part of the routes. */
export interface RouteTable {
  /** The versions, which are first segments of paths, such as `v1`. */
  readonly versions: ReadonlySet<string>;
  /** RPCs by their HTTP bindings. */
  readonly rpcs?: RpcRoutes | undefined;
}

/**
 * Finds the call for a request.
 *
 * @param path not decoded, without the query
 * @throws {StatusError} NOT_FOUND PATH_NOT_FOUND; UNIMPLEMENTED METHOD_NOT_ALLOWED, with `allow` in the metadata;
 *   INVALID_ARGUMENT NAME_INVALID for an encoding that is not UTF-8
 */
export function routeOf(httpMethod: string, path: string, { versions, rpcs }: RouteTable): Route {
  const resource = resourceAt(path, versions);
  const own = callAt(resource, httpMethod);
  if (own !== undefined && own.call !== "start") return own;
  const rpc = rpcs === undefined ? undefined : rpcAt(rpcs, httpMethod, path);
  return rpc ?? own ?? withoutCall(httpMethod, path, allowedAt(resource, rpcs?.methodsAt(path) ?? []));
}

/** HEAD is answered like GET; node:http omits the body. */
function callAt(resource: Resource | undefined, httpMethod: string): Route | undefined {
  if (resource === undefined) return undefined;
  if (httpMethod === "HEAD") return resource.GET;
  return httpMethod === "GET" || httpMethod === "POST" || httpMethod === "DELETE"
    ? resource[httpMethod]
    : undefined;
}

function rpcAt(rpcs: RpcRoutes, httpMethod: string, path: string): Route | undefined {
  const rpc = rpcs.find(httpMethod, path) ?? (httpMethod === "HEAD" ? rpcs.find("GET", path) : undefined);
  return rpc === undefined ? undefined : { call: "rpc", rpc };
}

/** The HTTP methods of an address, in the order of the `Allow` header. */
function allowedAt(resource: Resource | undefined, ofRpcs: readonly string[]): readonly string[] {
  const all = [...Object.keys(resource ?? {}), ...ofRpcs.filter((method) => method !== "*")];
  return [...new Set(all.flatMap((each) => (each === "GET" ? ["GET", "HEAD"] : [each])))];
}

/** The result for an address without such a call. @throws {StatusError} */
function withoutCall(httpMethod: string, path: string, allow: readonly string[]): Route {
  if (allow.length === 0) {
    const shown = path.slice(0, 200);
    throw serviceError("PATH_NOT_FOUND", `Nothing is at "${shown}".`, { metadata: { path: shown } });
  }
  if (httpMethod === "OPTIONS") return { call: "options", allow: [...allow, "OPTIONS"].join(", ") };
  throw serviceError("METHOD_NOT_ALLOWED", `${httpMethod} is not possible here; use ${allow.join(" or ")}.`, {
    metadata: { method: httpMethod, allow: allow.join(", ") },
  });
}

function resourceAt(path: string, versions: ReadonlySet<string>): Resource | undefined {
  const end = path.slice(1).search(/[/:]/) + 1;
  if (end === 0 || !versions.has(path.slice(1, end))) return unversionedAt(path);
  const rest = path.slice(end + 1);
  if (path.charAt(end) !== ":") return versionedResourceAt(rest);
  return rest === "startOperations" ? { POST: { call: "startMany" } } : startAt("", rest);
}

const COLLECTION = "operations";
/** The end of the address for watching a collection. */
const WATCH = `${COLLECTION}:watch`;
/** The name in Google's services. @see google/iam/v1/iam_policy.proto */
const TEST_PERMISSIONS = "testIamPermissions";
const OPERATION_VERBS: ReadonlySet<string> = new Set(["cancel", "wait"]);
const ATTEMPT_VERBS: ReadonlySet<string> = new Set<AttemptVerb>(["renew", "complete", "fail", "release"]);

function isAttemptVerb(verb: string): verb is AttemptVerb {
  return ATTEMPT_VERBS.has(verb);
}

function versionedResourceAt(rest: string): Resource | undefined {
  const segments = rest.split("/");
  const last = segments.at(-1) ?? "";
  if (last === COLLECTION) return listAt("list", rest.slice(0, -COLLECTION.length - 1), segments.length);
  const collection = segments.indexOf(COLLECTION);
  const colon = last.lastIndexOf(":");
  if (collection !== -1) return last === "" ? undefined : operationAt(rest, segments.length, colon !== -1);
  if (colon === -1) return undefined;
  const verbAt = rest.length - last.length + colon;
  if (last === WATCH) {
    const parent = rest.slice(0, -WATCH.length - 1);
    return { ...startAt(rest.slice(0, verbAt), "watch"), ...listAt("watchMany", parent, segments.length) };
  }
  const verb = rest.slice(verbAt + 1);
  return workersAt(last, rest, segments.length) ?? startAt(rest.slice(0, verbAt), verb);
}

const CLAIM = `${COLLECTION}:claim`;

/**
 * The calls of workers on a collection; those about attempts have a single address, because each
 * attempt contains its name.
 */
function workersAt(last: string, rest: string, segmentCount: number): Resource | undefined {
  if (last === CLAIM) {
    const raw = rest.slice(0, -CLAIM.length - 1);
    const parent = segmentCount === 2 ? decodeAll(raw) : decodeButSlashes(raw);
    return { POST: { call: "claim", parent } };
  }
  const verb = last.slice(COLLECTION.length + 1);
  const isOfAttempts = segmentCount === 1 && last.startsWith(`${COLLECTION}:`) && isAttemptVerb(verb);
  return isOfAttempts ? { POST: { call: verb, name: undefined } } : undefined;
}

/**
 * @param parent any of the forms of contract section 1.7; empty for `/v1/operations` and
 *   `/v1//operations`. A single segment was encoded as one, and may be a whole name, as OpenAPI
 *   clients send it.
 */
function listAt(call: "list" | "watchMany", parent: string, segmentCount: number): Resource {
  const decoded = segmentCount === 2 ? decodeAll(parent) : decodeButSlashes(parent);
  return { GET: call === "list" ? { call, parent: decoded } : { call, parent: decoded } };
}

function operationAt(rest: string, segmentCount: number, hasColon: boolean): Resource {
  const colon = hasColon ? rest.lastIndexOf(":") : rest.length;
  const verb = rest.slice(colon + 1);
  if (verb === "cancel" || verb === "wait") {
    return { POST: { call: verb, name: operationName(rest.slice(0, colon), segmentCount) } };
  }
  if (verb === "watch") {
    return { GET: { call: verb, name: operationName(rest.slice(0, colon), segmentCount) } };
  }
  if (isAttemptVerb(verb)) {
    return { POST: { call: verb, name: operationName(rest.slice(0, colon), segmentCount) } };
  }
  if (verb === TEST_PERMISSIONS) return testPermissionsAt(operationName(rest.slice(0, colon), segmentCount));
  const name = operationName(rest, segmentCount);
  return { GET: { call: "get", name }, DELETE: { call: "delete", name } };
}

function testPermissionsAt(resource: string): Resource {
  return { POST: { call: "testPermissions", resource } };
}

function startAt(parent: string, method: string): Resource | undefined {
  if (method === TEST_PERMISSIONS) return testPermissionsAt(decodeButSlashes(parent));
  if (method === "" || method.includes("/") || OPERATION_VERBS.has(method)) return undefined;
  return { POST: { call: "start", method: decodeButSlashes(method), parent: decodeButSlashes(parent) } };
}

/**
 * An operation's name. After `operations/`, a single segment with encoded slashes is a whole name,
 * as Google's Node client sends it (contract section 6.3); it was encoded as one segment, so it is
 * decoded as one.
 */
function operationName(raw: string, segmentCount: number): string {
  return segmentCount === 2 ? decodeAll(raw) : decodeButSlashes(raw);
}

const DISCOVERY = /^\/(?:\$|%24)discovery\/rest$/;
const DISCOVERY_OF_API = /^\/discovery\/v1\/apis\/([^/]+)\/([^/]+)\/rest$/;

/** The addresses without a version. @see contract sections 5.3, 5.4 */
function unversionedAt(path: string): Resource | undefined {
  if (DISCOVERY.test(path)) return { GET: { call: "discover", api: undefined, version: undefined } };
  if (path === "/batch" || path.startsWith("/batch/")) return { POST: { call: "batch" } };
  if (path === "/openapi.json") return { GET: { call: "openapi" } };
  if (path === "/discovery/v1/apis") return { GET: { call: "directory" } };
  const match = DISCOVERY_OF_API.exec(path);
  if (match === null) return undefined;
  return { GET: { call: "discover", api: decodeAll(match[1] ?? ""), version: decodeAll(match[2] ?? "") } };
}
