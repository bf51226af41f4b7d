import assert from "node:assert/strict";
import { test } from "node:test";
import { create } from "@bufbuild/protobuf";
import { libraryService, methodOf } from "../../../test/support/library-protos.ts";
import { fieldValue, pathsOf, withoutHost } from "./request-path.ts";

const service = libraryService();

function paths(name: string, request: Record<string, unknown>): unknown {
  const rpc = methodOf(service, name);
  return pathsOf(rpc, create(rpc.input, request)).map(({ named, collection }) => [
    named.join("/"),
    collection.join("/"),
  ]);
}

test("pathsOf() has an address for each binding that fits the request", () => {
  const book = "shelves/1/books/2";
  assert.deepEqual(paths("GetBook", { name: book, isbn: "3" }), [
    [book, ""],
    [book, ""],
    ["isbn/3", ""],
  ]);
  assert.deepEqual(paths("CreateBook", { parent: "shelves/1" }), [["shelves/1", "books"]]);
  assert.deepEqual(paths("UpdateBook", { book: { name: book } }), [
    [book, ""],
    [book, ""],
  ]);
  assert.deepEqual(paths("ListPages", { shelf: "s", edition: 7 }), [["shelves/s/editions/7", "pages"]]);
  assert.deepEqual(paths("GetFile", { name: "files" }), [["files", ""]]);
  for (const name of ["books/2", "shelves/1/books/2/3", "shelves//books/2", ""])
    assert.deepEqual(paths("GetBook", { name }), [], name);
  assert.deepEqual(paths("ListPages", { shelf: "s" }), []);
  assert.deepEqual(paths("PeekBook", { name: book }), []);
});

function fieldOf(rpc: string, name: string) {
  const { input, output } = methodOf(service, rpc);
  const found = [...input.fields, ...output.fields].find((each) => each.name === name);
  assert.ok(found !== undefined);
  return found;
}

test("fieldValue() is the value of a scalar field, in a oneof too", () => {
  const [parent, room] = [fieldOf("CreateBook", "parent"), fieldOf("GetBook", "room")];
  assert.equal(fieldValue({ parent: "a" }, parent), "a");
  assert.equal(fieldValue({ parent: "" }, parent), undefined);
  assert.equal(fieldValue({ place: { case: "room", value: "r" } }, room), "r");
  assert.equal(fieldValue({ place: { case: "desk", value: "d" } }, room), undefined);
  assert.equal(fieldValue({}, room), undefined);
  assert.equal(fieldValue(undefined, room), undefined);
});

test("withoutHost() leaves a name without a host unchanged", () => {
  assert.equal(withoutHost("//redis.googleapis.com/projects/p"), "projects/p");
  assert.equal(withoutHost("projects/p//x"), "projects/p//x");
});
