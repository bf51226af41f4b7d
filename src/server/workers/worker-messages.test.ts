import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { anyPack, AnySchema, durationFromMs, DurationSchema, StructSchema } from "@bufbuild/protobuf/wkt";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { typesOfFile } from "../../protos/method/imported-types.ts";
import { library } from "../../protos/method/sample.suite.ts";
import { ErrorInfoSchema } from "../../wire/gen/google/rpc/error_details_pb.ts";
import {
  AttemptFailureSchema,
  ClaimedAttemptSchema,
  ClaimOperationsRequestSchema,
  CompletionSchema,
  RenewalSchema,
} from "../../wire/gen/longrunning/v1/workers_pb.ts";
import {
  attemptOf,
  claimOfMessage,
  completionOfMessage,
  failureOfMessage,
  msOf,
  renewalOfMessage,
} from "./worker-messages.ts";

const { rpc, message } = library();
const types = typesOfFile(rpc("CreateBook").parent.file);
const attempt = { name: "operations/a", attempt: 2, token: "t" };
const Book = message("Book");
const book = create(AnySchema, {
  typeUrl: "type.googleapis.com/test.v1.Book",
  value: toBinary(Book, create(Book, { title: "A", words: 9007199254740993n })),
});
const unknown = create(AnySchema, {
  typeUrl: "type.googleapis.com/nobody.Knows",
  value: Uint8Array.of(8, 1),
});
const broken = create(AnySchema, { typeUrl: "type.googleapis.com/test.v1.Book", value: Uint8Array.of(0xff) });

const completion = (responsePayload: MessageInitShape<typeof CompletionSchema>["responsePayload"]) =>
  completionOfMessage(create(CompletionSchema, { attempt, responsePayload } as never), "all[0]", types);

function refused(read: () => unknown, field: string, rule: RegExp, reason = "CLAIM_INVALID"): void {
  assert.throws(read, (thrown) => {
    assert.ok(thrown instanceof StatusError);
    assert.equal(thrown.reason, reason);
    assert.match(thrown.message, rule);
    assert.equal(thrown.metadata["field"], field);
    return true;
  });
}

test("claimOfMessage() treats empty fields as missing", () => {
  const all = {
    parent: "projects/p",
    methods: ["pack"],
    worker: "w",
    limit: 3,
    requestId: "r",
    workerVersion: "1",
  };
  const claim = create(ClaimOperationsRequestSchema, { ...all, lease: durationFromMs(7_500) });
  assert.deepEqual(claimOfMessage(claim), { ...all, leaseMs: 7_500 });
  const none = claimOfMessage(create(ClaimOperationsRequestSchema));
  assert.deepEqual([none.limit, none.leaseMs, none.requestId, none.workerVersion], [0, undefined, "", ""]);
});

const any = (value: typeof book) => () => completion({ case: "responseAny", value });

suite("entries over gRPC", () => {
  test("have payloads as JSON, exactly", () => {
    assert.deepEqual(completion(undefined), { attempt, response: undefined });
    assert.deepEqual(completion({ case: "response", value: { a: [1, null] } }).response, {
      type: "google.protobuf.Struct",
      json: '{"a":[1,null]}',
    });
    assert.deepEqual(completion({ case: "responseAny", value: book }).response, {
      type: "test.v1.Book",
      json: '{"title":"A","words":"9007199254740993"}',
    });
    const struct = anyPack(StructSchema, create(StructSchema, { fields: {} }));
    assert.deepEqual(completion({ case: "responseAny", value: struct }).response, {
      type: "google.protobuf.Struct",
      json: "{}",
    });
  });

  test("are refused with the place of the mistake", () => {
    refused(any(unknown), "all[0].responseAny", /of a type that the server knows, got one of "nobody.Knows"/);
    refused(any(broken), "all[0].responseAny", /the bytes of a test.v1.Book/);
    refused(
      () => completion({ case: "response", value: { a: Number.NaN } }),
      "all[0].response.a",
      /JSON has no NaN/,
    );
    refused(() => attemptOf(undefined, "attempts[1]"), "attempts[1].name", /the name of an operation/);
    const half = create(ClaimedAttemptSchema, { name: "operations/a", attempt: 1 });
    refused(() => attemptOf(half, "attempts[1]"), "attempts[1].token", /the token/);
  });

  test("renew although their metadata is invalid", () => {
    const of = (value: typeof book) =>
      renewalOfMessage(
        create(RenewalSchema, { attempt, metadataPayload: { case: "metadataAny", value } }),
        "renewals[0]",
        types,
      );
    assert.deepEqual(of(book).metadata?.type, "test.v1.Book");
    const { metadata, refused: why } = of(unknown);
    assert.deepEqual([metadata, why?.metadata["field"]], [undefined, "renewals[0].metadataAny"]);
    const plain = create(RenewalSchema, { attempt, metadataPayload: { case: "metadata", value: { a: 1 } } });
    assert.equal(renewalOfMessage(plain, "renewals[0]", types).metadata?.json, '{"a":1}');
    assert.equal(renewalOfMessage(create(RenewalSchema, { attempt }), "", types).metadata, undefined);
  });

  test("have errors with details that can be written as JSON", () => {
    const fail = (error: MessageInitShape<typeof AttemptFailureSchema>["error"]) => () =>
      failureOfMessage(create(AttemptFailureSchema, { attempt, error }), "all[0]", types);
    const info = anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason: "A_B", domain: "d" }));
    const duration = anyPack(DurationSchema, durationFromMs(1_000));
    assert.deepEqual(fail({ code: 14, message: "away", details: [info, duration] })(), {
      attempt,
      error: {
        code: "UNAVAILABLE",
        message: "away",
        details: [
          { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "A_B", domain: "d" },
          { "@type": "type.googleapis.com/google.protobuf.Duration", value: "1s" },
        ],
      },
      final: false,
      retryDelayMs: undefined,
      exception: "",
    });
    for (const code of [0, 17, -1])
      refused(fail({ code }), "all[0].error.code", /1 to 16/, "ATTEMPT_ERROR_INVALID");
    refused(fail(undefined), "all[0].error.code", /got nothing/, "ATTEMPT_ERROR_INVALID");
    refused(fail({ code: 5, details: [unknown] }), "all[0].error.details[0]", /that the server knows/);
    const value = new Uint8Array(LIMITS.detailsBytesMax + 1);
    refused(fail({ code: 5, details: [{ ...info, value }] }), "all[0].error.details", /65536 bytes/);
  });
});

test("msOf() accepts valid durations", () => {
  assert.equal(msOf(undefined, "lease"), undefined);
  assert.equal(msOf(durationFromMs(1_500), "lease"), 1_500);
  for (const wrong of [{ seconds: -1n }, { nanos: -1 }, { nanos: 1_000_000_000 }, { seconds: 2n ** 60n }])
    refused(() => msOf(create(DurationSchema, wrong), "lease"), "lease", /a duration of 0 or more/);
});
