import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { AdminRoutes } from "./routes.ts";

const routes = new AdminRoutes(STANDARD_TYPES);
const found = (method: string, path: string) => {
  const route = routes.find(method, path);
  const { $typeName: _, ...fields } = route.request({ query: [], body: {} });
  return [route.binding.rpc.name, fields] as const;
};

describe("AdminRoutes", () => {
  it("distinguishes names of operations from other paths", () => {
    const name = "projects/p/operations/x";
    assert.deepEqual(found("GET", "/admin/v1/operations")[0], "ListOperationRows");
    assert.deepEqual(found("GET", `/admin/v1/${name}`), ["GetOperationRecord", { name, payload: "" }]);
    assert.deepEqual(found("HEAD", "/admin/v1/operations/x")[0], "GetOperationRecord");
    assert.deepEqual(found("POST", `/admin/v1/${name}:cancel`), ["CancelOperation", { name }]);
    assert.deepEqual(found("DELETE", "/admin/v1/session/operations/x"), [
      "DeleteOperation",
      { name: "session/operations/x" },
    ]);
    assert.deepEqual(found("GET", "/admin/v1/caf%C3%A9/operations/x")[1], {
      name: "café/operations/x",
      payload: "",
    });
    assert.equal(found("POST", "/admin/v1/operations:start")[0], "StartOperation");
  });

  it("says that nothing is there, or which methods are allowed there", () => {
    for (const path of ["/admin/v1", "/admin/v1/", "/admin/v1/x", "/admin/v1/projects/p", "/v1/session"])
      assert.throws(() => routes.find("GET", path), { reason: "PATH_NOT_FOUND" }, path);
    assert.throws(() => routes.find("DELETE", "/admin/v1/session"), {
      reason: "METHOD_NOT_ALLOWED",
      metadata: { method: "DELETE", allow: "GET, HEAD" },
    });
    assert.throws(() => routes.find("PATCH", "/admin/v1/operations/x"), {
      metadata: { method: "PATCH", allow: "DELETE, GET, HEAD" },
    });
  });
});
