import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { anyPack, durationFromMs } from "@bufbuild/protobuf/wkt";
import { Metadata, type ServiceError } from "@grpc/grpc-js";
import { serviceError } from "../../core/error/error.ts";
import { errorInfo } from "../../core/error/details.ts";
import { RetryInfoSchema } from "../../wire/gen/google/rpc/error_details_pb.ts";
import { StatusSchema } from "../../wire/gen/google/rpc/status_pb.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { errorProto } from "../../wire/proto/status.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { retryPolicy } from "../../core/method/retry.ts";
import { repeat } from "../repeat.ts";
import { errorOfCall } from "./error.ts";

const CALLED = { shown: "GetOperation at grpc://h:1", server: "grpc://h:1", timeoutMs: 1_500, late: false };

/** The error of a call with this status. */
function errorOf(code: number, details: string, bytes?: Uint8Array) {
  const metadata = new Metadata();
  if (bytes !== undefined) metadata.set("grpc-status-details-bin", Buffer.from(bytes));
  const error: Error = Object.assign(new Error(details), { code, details, metadata });
  return errorOfCall(error as ServiceError, CALLED, STANDARD_TYPES);
}

suite("errorOfCall()", () => {
  test("keeps code, message, reason, metadata and details", () => {
    const told = serviceError("PAGE_SIZE_INVALID", "Nö.", { metadata: { size: "-1" } });
    const error = errorOf(3, "Nö.", errorProto(told, "d"));
    assert.deepEqual(
      [error.code, error.message, error.reason, error.metadata, error.details],
      [
        "INVALID_ARGUMENT",
        "Nö.",
        "PAGE_SIZE_INVALID",
        { size: "-1" },
        [errorInfo({ reason: "PAGE_SIZE_INVALID", domain: "d", metadata: { size: "-1" } })],
      ],
    );
  });

  test("uses the status if there are no details, or no readable ones", () => {
    for (const bytes of [undefined, new Uint8Array([255]), errorProto(serviceError("CONTENTION", ""), "d")]) {
      const error = errorOf(7, "No.", bytes);
      assert.deepEqual(
        [error.code, error.message, error.reason, error.details],
        ["PERMISSION_DENIED", "No.", undefined, []],
      );
    }
    assert.equal(errorOf(7, "").message, "GetOperation at grpc://h:1 was answered with PERMISSION_DENIED.");
    assert.deepEqual([errorOf(99, "?").code, errorOf(0, "?").code], ["UNKNOWN", "UNKNOWN"]);
    assert.deepEqual(
      [errorOf(14, "Draining.").message, errorOf(14, "Draining.").reason],
      ["Draining.", undefined],
    );
  });

  const advice: readonly (readonly [string, RegExp])[] = [
    [
      "No connection established. Last error: Error: connect ECONNREFUSED 127.0.0.1:1. Resolution note: ",
      /nothing listens/,
    ],
    ["No connection established. Last error: connect ETIMEDOUT 10.0.0.1:1", /firewalls/],
    [
      "No connection established. Last error: Protocol error (2026-01-01T00:00:00.000Z). Resolution note: ",
      /not speak gRPC/,
    ],
    [
      "No connection established. Last error: Error: self-signed certificate. Resolution note: ",
      /: self-signed certificate\. Check/,
    ],
    ["No connection established. Last error: null. Resolution note: ", /: the connection failed\. Check/],
    ["No connection established", /: No connection established\. Check that the server runs/],
    ["Name resolution failed for target dns:h:1", /no host of that name/],
    ["Connection dropped", /was cut/],
    ["read ECONNRESET", /was cut/],
  ];
  for (const [details, text] of advice) {
    test(`gives advice on "${details.slice(0, 75)}"`, () => {
      const error = errorOf(14, details);
      assert.deepEqual(
        [error.code, error.reason, error.metadata],
        ["UNAVAILABLE", "SERVER_UNREACHABLE", { server: "grpc://h:1" }],
      );
      assert.match(error.message, text);
      assert.match(error.message, /^GetOperation at grpc:\/\/h:1 could not reach the server: /);
    });
  }

  test("gives both kinds of expired deadlines the same message as REST", () => {
    for (const error of [
      errorOf(4, "Deadline exceeded"),
      errorOfCall(null, { ...CALLED, late: true }, STANDARD_TYPES),
    ]) {
      assert.deepEqual([error.code, error.reason], ["DEADLINE_EXCEEDED", "ANSWER_TOO_LATE"]);
      assert.match(error.message, /not answered within 1\.5s/);
    }
  });

  test("honours RetryInfo as REST honours Retry-After", async () => {
    const clock = new ManualClock();
    const details = [
      anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay: durationFromMs(7_000) })),
    ];
    const bytes = toBinary(StatusSchema, create(StatusSchema, { code: 14, message: "No.", details }));
    const policy = retryPolicy({ attempts: 2, initialDelay: "1ms", maxDelay: "1ms" });
    let calls = 0;
    const repeated = assert.rejects(
      repeat({ clock, random: seededRandom(1), policy }, () => {
        calls++;
        return Promise.reject(errorOf(14, "No.", bytes));
      }),
    );
    await clock.advance(6_999);
    assert.equal(calls, 1);
    await clock.advance(1);
    await repeated;
    assert.equal(calls, 2);
  });
});
