import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { PERMISSIONS } from "../../core/permission.ts";
import { templateOf, templateOfGet } from "./route-template.ts";
import { routeOf } from "./router.ts";

const versions = new Set(["v1", "v1beta1"]);

suite("templateOf()", () => {
  test("is the same for all addresses of one call, and contains nothing from a caller", () => {
    const templates = (
      [
        ["GET", "/v1/operations/secret"],
        ["GET", "/v1beta1/projects/secret/operations/secret"],
        ["HEAD", "/v1/a/b/operations/secret"],
        ["DELETE", "/v1/operations/secret"],
        ["POST", "/v1/operations/secret:cancel"],
        ["POST", "/v1/projects/secret/operations/secret:wait"],
        ["GET", "/v1/projects/secret/operations/secret:watch"],
        ["GET", "/v1/projects/secret/operations:watch"],
        ["GET", "/v1/operations"],
        ["GET", "/v1/projects/secret/operations"],
        ["POST", "/v1:secret"],
        ["POST", "/v1/projects/secret:secret"],
        ["POST", "/v1:startOperations"],
        ["POST", "/v1/projects/secret/operations:claim"],
        ["POST", "/v1/operations:complete"],
        ["POST", "/v1/projects/secret/operations/secret:complete"],
        ["POST", "/v1beta1/operations/secret:renew"],
        ["GET", "/$discovery/rest"],
        ["GET", "/discovery/v1/apis/secret/secret/rest"],
        ["GET", "/discovery/v1/apis"],
        ["GET", "/openapi.json"],
        ["POST", "/batch/secret"],
      ] as const
    ).map(([method, path]) => templateOf(routeOf(method, path, { versions }), path));
    assert.deepEqual(templates, [
      "/v1/{name=**/operations/*}",
      "/v1beta1/{name=**/operations/*}",
      "/v1/{name=**/operations/*}",
      "/v1/{name=**/operations/*}",
      "/v1/{name=**/operations/*}:cancel",
      "/v1/{name=**/operations/*}:wait",
      "/v1/{name=**/operations/*}:watch",
      "/v1/{parent=**}/operations:watch",
      "/v1/{name=**}/operations",
      "/v1/{name=**}/operations",
      "/v1/{parent=**}:{method}",
      "/v1/{parent=**}:{method}",
      "/v1:startOperations",
      "/v1/{parent=**}/operations:claim",
      "/v1/operations:complete",
      "/v1/{name=**/operations/*}:complete",
      "/v1beta1/{name=**/operations/*}:renew",
      "/$discovery/rest",
      "/$discovery/rest",
      "/discovery/v1/apis",
      "/openapi.json",
      "/batch",
    ]);
  });

  test("is undefined for OPTIONS, and for an RPC that of its binding", () => {
    assert.equal(templateOf({ call: "options", allow: "GET" }, "/v1/operations"), undefined);
    const rpc = {
      shape: "free",
      name: "acme.v1.Disks.Export",
      permission: PERMISSIONS.answer,
      template: "/v1/{name=projects/*}:export",
      hasProto: false,
      call: () => Promise.resolve({ json: "{}" }),
      proto: () => new Uint8Array(),
    } as const;
    assert.equal(templateOf({ call: "rpc", rpc }, "/v1/projects/p:export"), rpc.template);
  });
});

suite("templateOfGet()", () => {
  test("is that of a get, with its version", () => {
    assert.equal(templateOfGet("/v1beta1/operations/x?fields=name"), "/v1beta1/{name=**/operations/*}");
  });
});
