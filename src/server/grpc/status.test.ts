import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fromBinary } from "@bufbuild/protobuf";
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { status } from "@grpc/grpc-js";
import { badRequest } from "../../core/error/details.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { ErrorInfoSchema } from "../../wire/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { grpcStatus } from "./status.ts";

/** What the wire contains of an error. */
function sent(error: StatusError) {
  const { code, details, metadata } = grpcStatus(error, "archive", STANDARD_TYPES);
  const bytes = Buffer.from(metadata.get("grpc-status-details-bin")[0] ?? "");
  const trailer = fromBinary(StatusSchema, bytes);
  const size = encodeURI(details).length + bytes.toString("base64").length;
  const info = trailer.details
    .map((any) => anyUnpack(any, ErrorInfoSchema))
    .find((each) => each !== undefined);
  return { code, details, trailer, size, info };
}

describe("grpcStatus()", () => {
  it("sends number and message, and the whole status in a trailer that says the same (contract 7)", () => {
    const error = serviceError("OPERATION_NOT_FOUND", "Operation “x” was not found.", {
      metadata: { operation: "x" },
      details: [badRequest({ fieldViolations: [{ field: "name", description: "no" }] })],
    });
    const { code, details, trailer, info } = sent(error);
    assert.equal(code, status.NOT_FOUND);
    assert.equal(details, error.message);
    assert.deepEqual([trailer.code, trailer.message], [code, details]);
    assert.equal(trailer.details.length, 2);
    assert.deepEqual([info?.reason, info?.domain], ["OPERATION_NOT_FOUND", "archive"]);
    assert.deepEqual(info?.metadata, { operation: "x" });
  });

  it("leaves out details that would not fit, but never the ErrorInfo", () => {
    const fieldViolations = Array.from({ length: 50 }, () => ({ field: "f", description: "d".repeat(200) }));
    const { trailer, size, info } = sent(
      serviceError("REQUEST_INVALID", "m".repeat(2_000), { details: [badRequest({ fieldViolations })] }),
    );
    assert.ok(size <= LIMITS.grpcErrorBytesMax);
    assert.equal(trailer.details.length, 1);
    assert.equal(trailer.message.length, 2_000);
    assert.equal(info?.reason, "REQUEST_INVALID");
  });

  it("cuts messages and metadata that would not fit", () => {
    const name = "🙂".repeat(2_000);
    const long = sent(serviceError("OPERATION_NOT_FOUND", name));
    assert.ok(long.size <= LIMITS.grpcErrorBytesMax);
    assert.match(long.details, /^(?:🙂)+�?…$/u);
    assert.equal(long.trailer.message, long.details);
    const wide = sent(serviceError("OPERATION_NOT_FOUND", name, { metadata: { operation: name } }));
    assert.ok(wide.size <= LIMITS.grpcErrorBytesMax);
    assert.equal(wide.info?.reason, "OPERATION_NOT_FOUND");
  });

  it("replaces lone surrogates", () => {
    const { details, trailer } = sent(new StatusError("NOT_FOUND", "half a smile: \ud83d"));
    assert.equal(details, "half a smile: \ufffd");
    assert.equal(trailer.message, details);
  });
});
