import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClientOperation } from "../../client/index.ts";
import { fieldLines, operationJson, percentOf, progressOf, showOperation } from "./show.ts";
import { aWorld } from "../world.suite.ts";

const operation = (metadata: ClientOperation["metadata"]): ClientOperation => ({
  name: "operations/x",
  done: false,
  metadata,
  response: null,
  error: null,
});

test("showOperation() shows conventional fields by name and others as they were reported", () => {
  using world = aWorld();
  showOperation(
    world.io,
    operation({ verb: "createArchive", state: "RUNNING", progressPercent: 39.6, currentFile: "a" }),
    "text",
  );
  assert.equal(
    world.out(),
    'operations/x  RUNNING\n  method    createArchive\n  progress  40%\n  reported  {"currentFile":"a"}\n',
  );
});

test("showOperation() shows the method that the caller knows, if the metadata lacks it", () => {
  using world = aWorld();
  showOperation(world.io, operation({ createTime: "now" }), "text", "pack");
  assert.equal(world.out(), "operations/x  RUNNING\n  method   pack\n  created  now\n");
});

test("showOperation() says if nothing was started", () => {
  using world = aWorld();
  showOperation(world.io, { ...operation({}), name: "", done: true }, "text");
  assert.match(world.out(), /validated only/);
});

test("operationJson() returns the operation", () => {
  assert.deepEqual(JSON.parse(operationJson(operation({ verb: "v" }))), operation({ verb: "v" }));
});

test("progress is shown as far as it is valid", () => {
  assert.equal(progressOf(operation({})), undefined);
  assert.equal(progressOf(operation({ progressPercent: 250, statusMessage: "a\nb" })), "100% a b");
  assert.equal(percentOf(operation({ progressPercent: "5" as never })), undefined);
});

test("fieldLines() leaves out undefined values and indents further lines", () => {
  assert.deepEqual(
    fieldLines([
      ["a", "1\n2"],
      ["bb", undefined],
    ]),
    ["  a  1\n    2"],
  );
});
