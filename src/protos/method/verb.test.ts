import assert from "node:assert/strict";
import { test } from "node:test";
import { descriptorsOf, serviceOf } from "../../../test/support/descriptors.ts";
import { libraryService, methodOf, unaryMethods } from "../../../test/support/library-protos.ts";
import { verbOf } from "./verb.ts";

const service = libraryService();

for (const [rpc, verb] of [
  ["CreateBook", "create"],
  ["UpdateBook", "update"],
  ["DeleteBook", "delete"],
  ["ScanBook", "scan"],
  ["PeekBook", "peekBook"],
] as const) {
  test(`${rpc} does "${verb}"`, () => assert.equal(verbOf(methodOf(service, rpc)), verb));
}

test("a name that only begins with a standard verb is not a standard method", () => {
  const registry = descriptorsOf(`
    syntax = "proto3";
    package test.v1;
    message Book {}
    service Library { rpc Updates(Book) returns (Book); rpc Createable(Book) returns (Book); }`);
  const verbs = unaryMethods(serviceOf(registry, "test.v1.Library")).map(verbOf);
  assert.deepEqual(verbs, ["updates", "createable"]);
});
