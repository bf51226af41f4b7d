import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PERMISSIONS } from "../../core/permission.ts";
import { createRegistry } from "@bufbuild/protobuf";
import fc from "fast-check";
import { StatusError } from "../../core/error/error.ts";
import { type Route, routeOf, type RouteTable } from "./router.ts";
import type { RpcRoute } from "./rpc-routes.ts";
import { RpcDescriptions } from "../../describe/discovery/rpc-descriptions.ts";

const get = (name: string): Route => ({ call: "get", name });
const list = (parent: string): Route => ({ call: "list", parent });
const start = (parent: string, method = "pack"): Route => ({ call: "start", method, parent });

const V1 = { versions: new Set(["v1"]) };

suite("routeOf() finds", () => {
  const cases: [httpMethod: string, path: string, route: Route][] = [
    // Names (contract 1.7)
    ["GET", "/v1/operations/a", get("operations/a")],
    ["GET", "/v1/projects/p/locations/l/operations/a", get("projects/p/locations/l/operations/a")],
    ["GET", "/v1/operations/g.v1.Echo/Wait/ab+/cd==", get("operations/g.v1.Echo/Wait/ab+/cd==")],
    ["GET", "/v1/operations/a.b:c", get("operations/a.b:c")],
    ["DELETE", "/v1/projects/p/operations/a", { call: "delete", name: "projects/p/operations/a" }],
    ["HEAD", "/v1/operations/a", get("operations/a")],
    // Verbs, at the end only (contract 6.13)
    ["POST", "/v1/operations/a:cancel", { call: "cancel", name: "operations/a" }],
    ["POST", "/v1/projects/p/operations/a/b=:wait", { call: "wait", name: "projects/p/operations/a/b=" }],
    ["GET", "/v1/projects/p/operations/a/b=:watch", { call: "watch", name: "projects/p/operations/a/b=" }],
    [
      "HEAD",
      "/v1/operations/projects%2Fp%2Foperations%2Fa:watch",
      { call: "watch", name: "operations/projects/p/operations/a" },
    ],
    ["GET", "/v1/operations/a%3Awatch", get("operations/a:watch")],
    ["POST", "/v1/operations/a:b:cancel", { call: "cancel", name: "operations/a:b" }],
    ["GET", "/v1/operations/a%3Acancel", get("operations/a:cancel")],
    // Encoding (contract 3.1)
    ["GET", "/v1/projects/p%20q/operations/%C3%A9", get("projects/p q/operations/é")],
    [
      "GET",
      "/v1/projects%2Fp%2Flocations%2Fl/operations",
      { call: "list", parent: "projects/p/locations/l" },
    ],
    ["GET", "/v1/projects/p%2Fq/operations", { call: "list", parent: "projects/p%2Fq" }],
    ["GET", "/v1/projects/p%2Fq/operations/a%2fb", get("projects/p%2Fq/operations/a%2fb")],
    // A whole name as one segment, as google-gax sends it (contract 6.3)
    ["GET", "/v1/operations/projects%2Fp%2Foperations%2Fa", get("operations/projects/p/operations/a")],
    [
      "POST",
      "/v1/operations/projects%2Fp%2Foperations%2Fa:cancel",
      { call: "cancel", name: "operations/projects/p/operations/a" },
    ],
    // Lists, with and without the collection in the name (contract 1.7)
    ["GET", "/v1/operations", list("")],
    ["GET", "/v1//operations", list("")],
    ["GET", "/v1/operations/operations", list("operations")],
    ["GET", "/v1/projects/p/operations", list("projects/p")],
    ["GET", "/v1/projects/p/operations/operations", list("projects/p/operations")],
    ["GET", "/v1/operations:watch", { call: "watchMany", parent: "" }],
    ["GET", "/v1/projects/p%20q/operations:watch", { call: "watchMany", parent: "projects/p q" }],
    ["GET", "/v1/projects%2Fp/operations:watch", { call: "watchMany", parent: "projects/p" }],
    // Workers
    ["POST", "/v1/operations:claim", { call: "claim", parent: "" }],
    ["POST", "/v1/projects/p%20q/operations:claim", { call: "claim", parent: "projects/p q" }],
    ["POST", "/v1/projects%2Fp/operations:claim", { call: "claim", parent: "projects/p" }],
    ["POST", "/v1/operations:renew", { call: "renew", name: undefined }],
    ["POST", "/v1/operations:complete", { call: "complete", name: undefined }],
    ["POST", "/v1/operations:fail", { call: "fail", name: undefined }],
    ["POST", "/v1/operations:release", { call: "release", name: undefined }],
    [
      "POST",
      "/v1/projects/p/operations/a:b:complete",
      { call: "complete", name: "projects/p/operations/a:b" },
    ],
    ["GET", "/v1/operations/a%3Acomplete", get("operations/a:complete")],
    ["OPTIONS", "/v1/operations/a:renew", { call: "options", allow: "POST, OPTIONS" }],
    // Starts, also of methods with the names of workers' calls
    ["POST", "/v1:release", start("", "release")],
    ["POST", "/v1/projects/p:claim", start("projects/p", "claim")],
    ["POST", "/v1/projects/p/operations:watch", start("projects/p/operations", "watch")],
    ["POST", "/v1:pack", start("")],
    ["POST", "/v1/:pack", start("")],
    ["POST", "/v1/projects/p:pack", start("projects/p")],
    ["POST", "/v1/projects/p%20q:pack", start("projects/p q")],
    ["POST", "/v1/projects/p:unknown", start("projects/p", "unknown")],
    // Discovery (contract 5.3)
    ["GET", "/$discovery/rest", { call: "discover", api: undefined, version: undefined }],
    ["GET", "/%24discovery/rest", { call: "discover", api: undefined, version: undefined }],
    ["GET", "/discovery/v1/apis/archive/v1/rest", { call: "discover", api: "archive", version: "v1" }],
    ["GET", "/discovery/v1/apis", { call: "directory" }],
    ["OPTIONS", "/v1/operations/a", { call: "options", allow: "GET, HEAD, DELETE, OPTIONS" }],
  ];
  for (const [httpMethod, path, route] of cases) {
    test(`${httpMethod} ${path}`, () => assert.deepEqual(routeOf(httpMethod, path, V1), route));
  }
});

suite("routeOf() refuses", () => {
  const cases: [httpMethod: string, path: string, reason: string][] = [
    ["GET", "/", "PATH_NOT_FOUND"],
    ["GET", "/favicon.ico", "PATH_NOT_FOUND"],
    ["GET", "/v1", "PATH_NOT_FOUND"],
    ["GET", "/v1/", "PATH_NOT_FOUND"],
    ["GET", "/v1beta/operations", "PATH_NOT_FOUND"],
    ["GET", "/v2/operations/a", "PATH_NOT_FOUND"],
    ["GET", "/v1/projects/p", "PATH_NOT_FOUND"],
    ["GET", "/v1/operations/", "PATH_NOT_FOUND"],
    ["POST", "/v1:", "PATH_NOT_FOUND"],
    ["POST", "/v1:pack/a", "PATH_NOT_FOUND"],
    ["POST", "/v1:cancel", "PATH_NOT_FOUND"],
    ["POST", "/v1/projects/p:wait", "PATH_NOT_FOUND"],
    ["GET", "/discovery/v1/apis/archive/rest", "PATH_NOT_FOUND"],
    ["POST", "/v1/operations", "METHOD_NOT_ALLOWED"],
    ["POST", "/v1/operations/a", "METHOD_NOT_ALLOWED"],
    ["PATCH", "/v1/operations/a", "METHOD_NOT_ALLOWED"],
    ["GET", "/v1/operations/a:cancel", "METHOD_NOT_ALLOWED"],
    ["GET", "/v1:pack", "METHOD_NOT_ALLOWED"],
    ["DELETE", "/$discovery/rest", "METHOD_NOT_ALLOWED"],
    // Encoding (contract 3.1)
    ["GET", "/v1/operations/%", "NAME_INVALID"],
    ["GET", "/v1/operations/%zz", "NAME_INVALID"],
    ["GET", "/v1/operations/%ff", "NAME_INVALID"],
    ["GET", "/v1/operations/%c3%2F%a9", "NAME_INVALID"],
    ["POST", "/v1/%e0%a4:pack", "NAME_INVALID"],
  ];
  for (const [httpMethod, path, reason] of cases) {
    test(`${httpMethod} ${path} with ${reason}`, () => {
      assert.throws(
        () => routeOf(httpMethod, path, V1),
        (error) => error instanceof StatusError && error.reason === reason,
      );
    });
  }

  test("a method, with the allowed ones", () => {
    assert.throws(
      () => routeOf("PUT", "/v1/operations/a", V1),
      (error) => error instanceof StatusError && error.metadata["allow"] === "GET, HEAD, DELETE",
    );
  });
});

suite("routeOf() with RPCs", () => {
  const rpc: RpcRoute = {
    shape: "free",
    name: "acme.v1.Disks.Export",
    permission: PERMISSIONS.answer,
    template: "/v1/x",
    hasProto: true,
    call: () => Promise.resolve({ json: "{}" }),
    proto: () => new Uint8Array(),
  };
  const bound: Readonly<Record<string, readonly string[]>> = {
    "/v1/books/b": ["GET", "PATCH"],
    "/v1/books/b:pack": ["POST"],
    "/v1/operations/o": ["GET", "PUT"],
    "/any": ["*"],
  };
  const table: RouteTable = {
    versions: new Set(["v1", "v1beta1"]),
    rpcs: {
      versions: ["v1", "v1beta1"],
      find: (method, path) => {
        const methods = bound[path] ?? [];
        return methods.includes(method) || methods.includes("*") ? rpc : undefined;
      },
      methodsAt: (path) => bound[path] ?? [],
      describer: new RpcDescriptions([], createRegistry()),
      types: createRegistry(),
    },
  };
  const call = (httpMethod: string, path: string): string => routeOf(httpMethod, path, table).call;
  const allowed = (httpMethod: string, path: string): string => {
    try {
      const route = routeOf(httpMethod, path, table);
      return route.call === "options" ? route.allow : "";
    } catch (error) {
      return error instanceof StatusError ? (error.metadata["allow"] ?? "") : "";
    }
  };

  test("finds bindings before starts, and operations before bindings", () => {
    assert.equal(call("GET", "/v1/books/b"), "rpc");
    assert.equal(call("POST", "/v1/books/b:pack"), "rpc");
    assert.equal(call("POST", "/v1/books/b:other"), "start");
    assert.equal(call("GET", "/v1/operations/o"), "get");
    assert.equal(call("PUT", "/v1/operations/o"), "rpc");
    assert.equal(call("BREW", "/any"), "rpc");
  });

  test("answers HEAD as GET", () => {
    assert.equal(call("HEAD", "/v1/books/b"), "rpc");
    assert.equal(call("HEAD", "/v1/operations/o"), "get");
  });

  test("serves operations under the versions of the bindings too", () => {
    assert.deepEqual(routeOf("GET", "/v1beta1/projects/p/operations/o", table), {
      call: "get",
      name: "projects/p/operations/o",
    });
    assert.equal(call("POST", "/v1beta1:pack"), "start");
    assert.throws(() => routeOf("GET", "/v1alpha/operations/o", table), StatusError);
  });

  test("lists the methods of operation and binding together", () => {
    assert.equal(allowed("DELETE", "/v1/books/b"), "GET, HEAD, PATCH");
    assert.equal(allowed("OPTIONS", "/v1/books/b:pack"), "POST, OPTIONS");
    assert.equal(allowed("PATCH", "/v1/operations/o"), "GET, HEAD, DELETE, PUT");
  });
});

test("routeOf() answers every address with a route or a StatusError", () => {
  const piece = fc.constantFrom(
    "/",
    "v1",
    ":",
    "operations",
    "%2F",
    "%",
    "%ff",
    "a",
    "cancel",
    "$discovery",
    ".",
    "=",
  );
  const path = fc.array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 12 });
  fc.assert(
    fc.property(fc.constantFrom("GET", "POST", "DELETE", "TRACE"), path, (httpMethod, pieces) => {
      try {
        assert.ok(routeOf(httpMethod, `/v1${pieces.join("")}`, V1).call);
      } catch (error) {
        assert.ok(error instanceof StatusError, String(error));
      }
    }),
  );
});
