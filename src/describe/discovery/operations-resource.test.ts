import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { operationsResource } from "./operations-resource.ts";

const { methods } = operationsResource("archive", "v1");

suite("operationsResource()", () => {
  const table = [
    { method: "get", http: "GET", path: "v1/{+name}", request: undefined, response: "Operation" },
    { method: "delete", http: "DELETE", path: "v1/{+name}", request: undefined, response: "Empty" },
    {
      method: "cancel",
      http: "POST",
      path: "v1/{+name}:cancel",
      request: { $ref: "CancelOperationRequest" },
      response: "Empty",
    },
    { method: "wait", http: "POST", path: "v1/{+name}:wait", request: undefined, response: "Operation" },
    {
      method: "list",
      http: "GET",
      path: "v1/{+name}/operations",
      request: undefined,
      response: "ListOperationsResponse",
    },
  ];
  for (const { method, http, path, request, response } of table) {
    test(`${method} has the shape that most services give it (contract 5.1)`, () => {
      const described = methods[method];
      assert.equal(described?.id, `archive.operations.${method}`);
      assert.equal(described.httpMethod, http);
      assert.equal(described.path, path);
      assert.deepEqual(described.request, request);
      assert.deepEqual(described.response, { $ref: response });
      assert.deepEqual(described.parameterOrder, ["name"]);
    });
  }

  test("patterns match all shapes of names, because clients enforce them (contract 1.7, 5.2)", () => {
    const operation = new RegExp(methods["get"]?.parameters["name"]?.pattern ?? "^$");
    for (const name of ["operations/a", "projects/p/operations/a", "operations/g.Echo/Wait/a+b=="]) {
      assert.match(name, operation);
    }
    assert.doesNotMatch("projects/p", operation);
    const parent = new RegExp(methods["list"]?.parameters["name"]?.pattern ?? "^$");
    for (const name of ["operations", "projects/p", "projects/p/operations"]) assert.match(name, parent);
  });

  test("wait has its timeout in the query (contract 5.1)", () => {
    const { timeout } = methods["wait"]?.parameters ?? {};
    assert.equal(timeout?.location, "query");
    assert.equal(timeout.format, "google-duration");
  });

  test("list has the parameters of the proto (contract 1.2), and an order", () => {
    assert.deepEqual(Object.keys(methods["list"]?.parameters ?? {}), [
      "name",
      "filter",
      "orderBy",
      "pageSize",
      "pageToken",
      "returnPartialSuccess",
    ]);
  });
});
