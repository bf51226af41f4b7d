import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, fromBinary, fromJson, toBinary } from "@bufbuild/protobuf";
import { callerText } from "../../core/caller.ts";
import { errorInfo } from "../../core/error/details.ts";
import { EMPTY, STRUCT } from "../../core/operation/payload.ts";
import { SEAL } from "../../core/operation/sealed.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { library } from "../../protos/method/sample.suite.ts";
import {
  ClaimOperationsResponseSchema,
  ClaimSchema,
  CompleteAttemptsResponseSchema,
  RenewAttemptsResponseSchema,
} from "../gen/longrunning/v1/workers_pb.ts";
import { answersJson, claimJson, claimsJson, outcomeJson, renewalJson, type ShownClaim } from "../worker.ts";
import { typesOfFile } from "../../protos/method/imported-types.ts";
import { STANDARD_TYPES } from "./registry.ts";
import { claimProto, claimsProto, outcomesProto, renewalsProto, type RequestMessage } from "./worker.ts";

const registry = STANDARD_TYPES;
const NOW = Date.UTC(2026, 0, 1) + 123;
const claim = (fields: Parameters<typeof anOperation>[0] = {}): ShownClaim => ({
  attempt: { name: "projects/p/operations/a", attempt: 2, token: "t" },
  leaseMs: 10_500,
  operation: anOperation({ method: "pack", request: '{"a":[1,"x",null,{"b":true}]}', ...fields }),
});

suite("claimProto()", () => {
  test("has the same contents as the JSON", () => {
    for (const fields of [
      {},
      { caller: null, metadata: EMPTY },
      {
        deadlineTime: NOW,
        failedAttempts: 1,
        cancelTime: NOW,
        metadata: { type: STRUCT, json: '{"done":1}' },
        target: "disks/d",
        priority: 7,
        traceContext: `00-${"1".repeat(32)}-${"2".repeat(16)}-01 a=b`,
        caller: callerText({ principal: "user:ada@example.com", tenant: "projects/p" }),
      },
    ]) {
      const bytes = claimProto(claim(fields), registry);
      const json = JSON.parse(claimJson(claim(fields))) as never;
      assert.deepEqual(fromBinary(ClaimSchema, bytes), fromJson(ClaimSchema, json, { registry }));
    }
  });

  test("has the bytes of messages", () => {
    const { rpc, message } = library();
    const types = typesOfFile(rpc("CreateBook").parent.file);
    const progress = { type: "test.v1.Progress", json: '{"percent":5}' };
    const given: RequestMessage = {
      type: "test.v1.Book",
      bytes: (json) => toBinary(message("Book"), fromJson(message("Book"), JSON.parse(json) as never)),
    };
    const of = claim({ request: '{"title":"A"}', metadata: progress });
    const { requestPayload, metadataPayload } = fromBinary(ClaimSchema, claimProto(of, types, given));
    assert.ok(requestPayload.case === "requestAny" && metadataPayload.case === "metadataAny");
    assert.equal(requestPayload.value.typeUrl, "type.googleapis.com/test.v1.Book");
    assert.deepEqual(
      requestPayload.value.value,
      toBinary(message("Book"), create(message("Book"), { title: "A" })),
    );
    assert.equal(metadataPayload.value.typeUrl, "type.googleapis.com/test.v1.Progress");
    const empty = claimProto(claim({ request: "{}" }), types, given);
    assert.deepEqual(fromBinary(ClaimSchema, empty).requestPayload.value?.$typeName, "google.protobuf.Any");
  });

  test("refuses sealed texts", () => {
    assert.throws(() => claimProto(claim({ request: `${SEAL}x` }), registry), { reason: "KEY_UNAVAILABLE" });
  });
});

suite("the answers to workers in bytes", () => {
  test("have the same contents as their JSON", () => {
    const claims = claimsProto([claimProto(claim(), registry)], NOW);
    const claimsText = JSON.parse(claimsJson([claimJson(claim())], NOW)) as never;
    assert.deepEqual(
      fromBinary(ClaimOperationsResponseSchema, claims),
      fromJson(ClaimOperationsResponseSchema, claimsText, { registry }),
    );
    const details = [errorInfo({ reason: "ATTEMPT_LOST", domain: "d" })];
    const error = { code: "ABORTED", message: "lost", details } as const;
    const renewals = [
      { held: true, leaseMs: 30_000, cancelRequested: true, error: undefined },
      { held: false, leaseMs: 0, cancelRequested: false, error },
    ];
    assert.deepEqual(
      fromBinary(RenewAttemptsResponseSchema, renewalsProto(renewals, registry)),
      fromJson(
        RenewAttemptsResponseSchema,
        JSON.parse(answersJson(renewals.map((each) => renewalJson(each)))) as never,
        { registry },
      ),
    );
    const outcomes = [
      { error: undefined, state: "SUCCEEDED" },
      { error, state: "" },
    ] as const;
    assert.deepEqual(
      fromBinary(CompleteAttemptsResponseSchema, outcomesProto(outcomes, registry)),
      fromJson(
        CompleteAttemptsResponseSchema,
        JSON.parse(answersJson(outcomes.map((each) => outcomeJson(each)))) as never,
        { registry },
      ),
    );
  });
});
