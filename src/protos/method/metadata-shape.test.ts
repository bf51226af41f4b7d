import assert from "node:assert/strict";
import { test } from "node:test";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { metadataShape } from "./metadata-shape.ts";
import { library } from "./sample.suite.ts";

test("metadataShape() finds the conventional fields of the right kind, by either name (contract 6.10)", () => {
  const { type, fields, statusMessage, apiVersion } = metadataShape(library().message("Progress"));
  assert.equal(type, "test.v1.Progress");
  assert.equal(apiVersion, "v1");
  assert.equal(statusMessage, "statusDetail");
  assert.equal(metadataShape(EmptySchema).apiVersion, undefined);
  assert.equal(metadataShape(EmptySchema).statusMessage, undefined);
  assert.deepEqual(Object.fromEntries(fields), {
    verb: "verb",
    target: "target",
    createTime: "createTime",
    scheduleTime: "scheduleTime",
    endTime: "endTime",
    priority: "priority",
    requestedCancellation: "cancelRequested",
    pollInterval: "pollInterval",
  });
});
