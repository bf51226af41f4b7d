import assert from "node:assert/strict";
import { test } from "node:test";
import { unreachable } from "../client/error.ts";
import { CODES } from "../core/error/code.ts";
import { type ErrorCode, StatusError } from "../client/index.ts";
import { exitOfError, exitOfOperation, nextAfter } from "./outcome.ts";

const operation = { name: "operations/x", done: true, metadata: {}, response: null, error: null };

test("exitOfOperation() depends on the outcome", () => {
  assert.equal(exitOfOperation(operation), "succeeded");
  assert.equal(
    exitOfOperation({ ...operation, error: { code: "CANCELLED", message: "", details: [] } }),
    "cancelled",
  );
  assert.equal(
    exitOfOperation({ ...operation, error: { code: "INTERNAL", message: "", details: [] } }),
    "failed",
  );
  assert.equal(
    exitOfOperation({ ...operation, done: false, metadata: { state: "PENDING" } }),
    "stillRunning",
  );
});

const exits: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: "notFound",
  UNAVAILABLE: "unreachable",
  DEADLINE_EXCEEDED: "unreachable",
};

test("exitOfError() has an exit code for every error code", () => {
  for (const code of Object.keys(CODES).filter((each) => each !== "OK") as ErrorCode[]) {
    assert.equal(exitOfError(new StatusError(code, "")), exits[code] ?? "refused");
  }
});

test("nextAfter() says what to do", () => {
  assert.match(
    nextAfter(new StatusError("UNAVAILABLE", "", { reason: "SERVER_UNREACHABLE" })) ?? "",
    /longrunning serve/,
  );
  assert.match(nextWithout("SELF_SIGNED_CERT_IN_CHAIN") ?? "", /--ca FILE/);
  assert.equal(nextWithout("CERT_HAS_EXPIRED"), undefined, "the message has the advice");
  assert.match(nextWithout("ECONNREFUSED") ?? "", /longrunning serve/);
  const other = " --server http://h:1";
  for (const [reason, next] of [
    ["OPERATION_NOT_FOUND", /longrunning list --server http:\/\/h:1;/],
    ["METHOD_NOT_FOUND", /longrunning methods --server http:\/\/h:1$/],
  ] as const)
    assert.match(nextAfter(new StatusError("NOT_FOUND", "", { reason }), other) ?? "", next);
  for (const [reason, next] of [
    ["OPERATION_NOT_FOUND", /longrunning list;/],
    ["", /longrunning list;/],
    ["PATH_NOT_FOUND", /--server/],
    ["ANSWER_INVALID", /--server/],
    ["METHOD_NOT_FOUND", /longrunning methods$/],
    ["API_KEY_NOT_FOUND", /longrunning keys list/],
    ["WEBHOOK_ENDPOINT_NOT_FOUND", /longrunning webhooks list/],
    ["WEBHOOK_DELIVERY_NOT_FOUND", /longrunning webhooks deliveries/],
  ] as const)
    assert.match(nextAfter(new StatusError("NOT_FOUND", "", { reason })) ?? "", next);
});

/** The next step if a request failed with a code of the system. */
function nextWithout(code: string): string | undefined {
  return nextAfter(unreachable("GET u", "u", new TypeError("fetch failed", { cause: { code } })));
}
