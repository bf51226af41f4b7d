import assert from "node:assert/strict";
import { test } from "node:test";
import { library } from "./sample.suite.ts";
import { typesOfFile, typesOfFiles, withImports } from "./imported-types.ts";

test("the types of a file are its own, those that it imports, and the standard ones; they are made once", () => {
  const { file } = library().message("Book");
  const types = typesOfFile(file);
  for (const name of [
    "test.v1.Page",
    "google.protobuf.Timestamp",
    "google.rpc.ErrorInfo",
    "google.longrunning.Operation",
  ]) {
    assert.equal(types.getMessage(name)?.typeName, name);
    assert.equal(typesOfFiles([file]).getMessage(name)?.typeName, name);
  }
  assert.equal(typesOfFile(file), types);
  assert.ok([...withImports(file)].some(({ name }) => name === "google/rpc/status"));
});
