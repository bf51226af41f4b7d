import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { indentJson } from "../../wire/indent.ts";
import { operationJson } from "../../wire/operation.ts";
import { OperationAnswer } from "./operation-answer.ts";

const VIEW = { apiVersion: "v1", pollIntervalMs: () => 1_000 };

suite("OperationAnswer", () => {
  test("is the operation in each layout, with a weak tag of its revision", () => {
    const operation = { ...anOperation(), revision: 7 };
    const answer = new OperationAnswer(operation, VIEW);
    assert.equal(answer.json, operationJson(operation, VIEW));
    assert.equal(answer.indented, indentJson(answer.json));
    assert.equal(answer.etag, 'W/"7"');
    assert.equal(answer.preferred, undefined);
  });

  test("has no tag if the operation is not stored, and what the caller preferred", () => {
    const preferred = { status: 202, headers: { vary: "Prefer" } };
    const answer = new OperationAnswer(anOperation({ id: "" }), VIEW, preferred);
    assert.deepEqual([answer.etag, answer.preferred], [undefined, preferred]);
  });
});
