import assert from "node:assert/strict";
import { test } from "node:test";
import type { MethodDescription } from "./description.ts";
import { idsOf, type ResourceTree, withMethods } from "./resource-tree.ts";

function method(id: string): MethodDescription {
  const path = { path: "v1", flatPath: "v1", parameters: {}, parameterOrder: [] };
  return { id, description: "", httpMethod: "GET", ...path, response: { $ref: "Empty" } };
}

const TREE: ResourceTree = {
  methods: { pack: method("api.pack") },
  resources: { operations: { methods: { get: method("api.operations.get") } } },
};

test("withMethods() puts each method in its place, beside existing ones", () => {
  const tree = withMethods(TREE, [
    { resource: [], name: "a", method: method("api.a") },
    { resource: ["operations"], name: "b", method: method("api.operations.b") },
    { resource: ["x", "y"], name: "c", method: method("api.x.y.c") },
    { resource: ["x"], name: "d", method: method("api.x.d") },
  ]);
  assert.deepEqual(Object.keys(tree.methods), ["pack", "a"]);
  assert.deepEqual(Object.keys(tree.resources["operations"]?.methods ?? {}), ["get", "b"]);
  assert.deepEqual(tree.resources["x"], {
    methods: { d: method("api.x.d") },
    resources: { y: { methods: { c: method("api.x.y.c") } } },
  });
  assert.deepEqual(idsOf(tree), [
    "api.pack",
    "api.a",
    "api.operations.get",
    "api.operations.b",
    "api.x.d",
    "api.x.y.c",
  ]);
  assert.deepEqual(idsOf(TREE), ["api.pack", "api.operations.get"]);
});
