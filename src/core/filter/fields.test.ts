import assert from "node:assert/strict";
import { test } from "node:test";
import { SERVICE_METADATA_FIELDS } from "../method/metadata.ts";
import { camelCase, findField, snakeCase } from "./fields.ts";

const typeOf = (path: string) => findField(path.split(".")).field?.type;

test("every field has a type", () => {
  const types = {
    name: "text",
    done: "boolean",
    error: "message",
    "error.code": "code",
    "error.message": "text",
    "error.details.reason": "list",
    metadata: "message",
    "metadata.@type": "text",
    "metadata.state": "state",
    "metadata.create_time": "time",
    "metadata.currentFile.path": "any",
    response: "message",
    "response.path": "any",
  };
  for (const [path, type] of Object.entries(types)) assert.equal(typeOf(path), type, path);
});

test("service fields are found in both spellings, under one path", () => {
  assert.deepEqual(findField(["metadata", "requested_cancellation"]).field?.path, [
    "metadata",
    "requestedCancellation",
  ]);
});

test("there are no unknown fields, and none below fields without members", () => {
  for (const path of [
    "foo",
    "Name",
    "error.status",
    "name.x",
    "done.x",
    "metadata.state.x",
    "error.code.x",
  ]) {
    assert.equal(typeOf(path), undefined, path);
  }
});

test("each field that the service fills is known, or refused because it describes the answer", () => {
  for (const field of SERVICE_METADATA_FIELDS) {
    const isOfAnswer = field === "apiVersion" || field === "pollInterval";
    assert.equal(typeOf(`metadata.${field}`) === undefined, isOfAnswer, field);
    assert.notEqual(typeOf(`metadata.${field}`), "any", field);
  }
});

test("spellings", () => {
  assert.equal(camelCase("create_time_2"), "createTime2");
  assert.equal(snakeCase("createTime"), "create_time");
});
