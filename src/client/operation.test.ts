import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeOperation, stateOf } from "./operation.ts";

const struct = (value: object) => ({ "@type": "type.googleapis.com/google.protobuf.Struct", value });

test("decodeOperation() returns payloads as plain values and the error with its code by name", () => {
  assert.deepEqual(
    decodeOperation({
      name: "operations/x",
      done: true,
      metadata: struct({ verb: "v" }),
      error: { code: 5, message: "m", details: [{ "@type": "t" }, 7] },
    }),
    {
      name: "operations/x",
      done: true,
      metadata: { verb: "v" },
      response: null,
      error: { code: "NOT_FOUND", message: "m", details: [{ "@type": "t" }] },
    },
  );
});

test("decodeOperation() accepts the omissions of Google's servers", () => {
  assert.deepEqual(decodeOperation({ name: "operations/x" }), {
    name: "operations/x",
    done: false,
    metadata: {},
    response: null,
    error: null,
  });
});

test("decodeOperation() refuses values that are not operations", () => {
  for (const json of [null, [], "x", { name: 5 }, { done: "yes" }]) {
    assert.throws(() => decodeOperation(json), { code: "UNKNOWN", reason: "ANSWER_INVALID" });
  }
});

test("stateOf() returns the state, even if the server does not send it", () => {
  assert.equal(stateOf(decodeOperation({ name: "n", metadata: struct({ state: "PENDING" }) })), "PENDING");
  assert.equal(stateOf(decodeOperation({ name: "n" })), "RUNNING");
  assert.equal(stateOf(decodeOperation({ name: "n", done: true, response: struct({}) })), "SUCCEEDED");
  assert.equal(stateOf(decodeOperation({ name: "n", done: true, error: { code: 1 } })), "CANCELLED");
  assert.equal(stateOf(decodeOperation({ name: "n", done: true, error: { code: 99 } })), "FAILED");
});
