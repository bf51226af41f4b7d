import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "@bufbuild/protobuf";
import { parentOf, resourceOf } from "./parent.ts";

const location = "projects/p/locations/l";
const table: [request: object, resource: string, parent: string][] = [
  [{ parent: location }, location, location],
  [{ name: `${location}/instances/i` }, `${location}/instances/i`, location],
  [{ instance: { name: `${location}/instances/i` }, updateMask: {} }, `${location}/instances/i`, location],
  [{ parent: "projects/p" }, "projects/p", "projects/p"],
  [{ name: "shelves/1/books/2" }, "shelves/1/books/2", ""],
  [{ parent: location, name: "" }, location, location],
  [{ count: 5, tags: ["a"], nothing: null }, "", ""],
];

for (const [request, resource, parent] of table) {
  test(`the resource of ${JSON.stringify(request)} is "${resource}", its collection "${parent}"`, () => {
    assert.equal(resourceOf(request as Message), resource);
    assert.equal(parentOf(request as Message), parent);
  });
}
