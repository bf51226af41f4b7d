import assert from "node:assert/strict";
import { test } from "node:test";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import { CODES } from "../../core/error/code.ts";
import { badRequest, errorInfo } from "../../core/error/details.ts";
import { StatusError } from "../../core/error/error.ts";
import { Code } from "../gen/google/rpc/code_pb.ts";
import { StatusSchema } from "../gen/google/rpc/status_pb.ts";
import { errorProto } from "./status.ts";
import { STANDARD_TYPES } from "./registry.ts";

function read(error: StatusError): unknown {
  return toJson(StatusSchema, fromBinary(StatusSchema, errorProto(error, "archive")), {
    registry: STANDARD_TYPES,
  });
}

test("errorProto() is a google.rpc.Status with the canonical code and an ErrorInfo (contract 1.4, 11.14)", () => {
  const violations = badRequest({ fieldViolations: [{ field: "a", description: "Wrong." }] });
  const error = new StatusError("INVALID_ARGUMENT", "No.", {
    reason: "REQUEST_INVALID",
    details: [violations],
  });
  assert.deepEqual(read(error), {
    code: 3,
    message: "No.",
    details: [errorInfo({ reason: "REQUEST_INVALID", domain: "archive" }), violations],
  });
});

test("errorProto() leaves an empty message out", () => {
  assert.deepEqual(Object.keys(read(new StatusError("ABORTED", "")) as object), ["code", "details"]);
});

test("our codes are those of google/rpc/code.proto", () => {
  assert.deepEqual({ ...CODES }, { ...Code });
});
