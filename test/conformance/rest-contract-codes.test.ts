import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { type DescMethodUnary, fromBinary } from "@bufbuild/protobuf";
import { credentials, makeGenericClientConstructor, type ServiceError, status } from "@grpc/grpc-js";
import { CODES, type ErrorCode } from "../../src/core/error/code.ts";
import { badRequest } from "../../src/core/error/details.ts";
import { StatusError } from "../../src/core/error/error.ts";
import { defineMethod } from "../../src/proto.ts";
import { type Served, serve } from "../../src/assembly/serve.ts";
import { StatusSchema } from "../../src/wire/gen/google/rpc/status_pb.ts";
import { descriptorsOf, serviceOf } from "../support/descriptors.ts";

/** An RPC that is answered at once may throw any code, so each code is tested as callers see it. */
const PROTO = `
  syntax = "proto3";
  package test.v1;
  import "google/api/annotations.proto";
  service Refuser {
    rpc Refuse(Refusal) returns (Refusal) {
      option (google.api.http) = { get: "/v1/refuse" };
    }
  }
  message Refusal { string code = 1; string reason = 2; string field = 3; }`;

const refuse = defineMethod(
  serviceOf(descriptorsOf(PROTO), "test.v1.Refuser").methods[0] as DescMethodUnary,
  {
    answer(request) {
      const { code, reason, field } = request as unknown as Record<"code" | "reason" | "field", string>;
      throw new StatusError(code as ErrorCode, "No.", {
        ...(reason === "" ? {} : { reason }),
        details: field === "" ? [] : [badRequest({ fieldViolations: [{ field, description: "Not so." }] })],
      });
    },
  },
);

/** A row of the tables in sections 1.4 and 4.3. */
interface Row {
  readonly code: ErrorCode;
  readonly http: number;
  /** The entry of `errors` in v1, without its message. */
  readonly v1: Readonly<Record<string, string>>;
  /** The fields of the request that make the method throw the code. */
  readonly with?: Readonly<Record<string, string>>;
  /** The message of the entry. @default the error's message */
  readonly says?: string;
  /** The further contents of its ErrorInfo. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const global = (reason: string): Row["v1"] => ({ domain: "global", reason });
const HEADER = { location: "Authorization", locationType: "header" };

const ROWS: readonly Row[] = [
  { code: "INVALID_ARGUMENT", http: 400, v1: global("badRequest") },
  {
    code: "INVALID_ARGUMENT",
    http: 400,
    v1: { reason: "invalid" },
    with: { field: "a.b" },
    says: "Not so.",
  },
  { code: "FAILED_PRECONDITION", http: 400, v1: global("failedPrecondition") },
  { code: "OUT_OF_RANGE", http: 400, v1: global("outOfRange") },
  {
    code: "UNAUTHENTICATED",
    http: 401,
    v1: { ...global("authError"), ...HEADER },
    says: "Invalid Credentials",
  },
  {
    code: "UNAUTHENTICATED",
    http: 401,
    v1: { ...global("required"), ...HEADER },
    with: { reason: "CREDENTIALS_MISSING" },
    metadata: { service: "refuser", method: "test.v1.Refuser.Refuse" },
    says: "Login Required.",
  },
  { code: "PERMISSION_DENIED", http: 403, v1: global("forbidden") },
  { code: "NOT_FOUND", http: 404, v1: global("notFound") },
  { code: "ALREADY_EXISTS", http: 409, v1: global("alreadyExists") },
  { code: "ABORTED", http: 409, v1: global("aborted") },
  { code: "RESOURCE_EXHAUSTED", http: 429, v1: global("rateLimitExceeded") },
  { code: "CANCELLED", http: 499, v1: global("backendError") },
  { code: "INTERNAL", http: 500, v1: global("backendError") },
  { code: "UNKNOWN", http: 500, v1: global("backendError") },
  { code: "DATA_LOSS", http: 500, v1: global("backendError") },
  { code: "UNIMPLEMENTED", http: 501, v1: global("notImplemented") },
  { code: "UNAVAILABLE", http: 503, v1: global("backendError") },
  { code: "DEADLINE_EXCEEDED", http: 504, v1: global("backendError") },
];

suite("contract 1.4, 3.7, 4.1 to 4.3 and 7, every code in each format", () => {
  let served: Served;
  before(async () => {
    served = await serve({ methods: [refuse], store: "sqlite::memory:", port: 0, name: "refuser" });
  });
  after(() => served.stop());

  test("the table has every code", () => {
    assert.deepEqual(new Set(["OK", ...ROWS.map(({ code }) => code)]), new Set(Object.keys(CODES)));
  });

  for (const { code, http, v1, with: fields = {}, metadata, says = "No." } of ROWS) {
    const query = new URLSearchParams({ code, ...fields }).toString();
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: fields["reason"] ?? code,
      domain: "refuser",
      ...(metadata === undefined ? {} : { metadata }),
    };

    test(`${code} is ${http}, ${v1["reason"]} in v1 [${query}]`, async () => {
      const inFormat = async (format: 1 | 2): Promise<Record<string, unknown>> => {
        const answer = await fetch(`${served.url}/v1/refuse?${query}&$.xgafv=${format}`);
        assert.equal(answer.status, http);
        assert.equal(answer.headers.has("retry-after"), http === 429 || http === 503);
        return ((await answer.json()) as { error: Record<string, unknown> }).error;
      };
      const [v2Error, v1Error] = await Promise.all([inFormat(2), inFormat(1)]);
      const { details, ...rest } = v2Error;
      assert.deepEqual(rest, { code: http, message: "No.", status: code });
      assert.deepEqual((details as unknown[])[0], info);
      assert.deepEqual(Object.keys(v1Error), ["code", "message", "errors", "status", "details"]);
      assert.deepEqual(v1Error, { ...v2Error, errors: [{ message: says, ...v1 }] });
    });

    test(`${code} is ${CODES[code]} over gRPC, with the whole status in its trailer [${query}]`, async () => {
      const refused = await overGrpc(served, { code, ...fields });
      assert.equal(refused.code, status[code]);
      assert.equal(refused.details, "No.");
      const [bytes] = refused.metadata.get("grpc-status-details-bin");
      const { code: number, message, details } = fromBinary(StatusSchema, bytes as Buffer);
      assert.deepEqual({ number, message }, { number: CODES[code], message: "No." });
      assert.equal(details[0]?.typeUrl, info["@type"]);
    });
  }
});

function asIs(bytes: Buffer): Buffer {
  return bytes;
}

/** Calls `Refuse` with texts, whose bytes are its fields in order. */
async function overGrpc(served: Served, fields: Readonly<Record<string, string>>): Promise<ServiceError> {
  const client = new (makeGenericClientConstructor({}, "refuser"))(
    served.url.slice(7),
    credentials.createInsecure(),
  );
  const request = ["code", "reason", "field"].map((name, index) => {
    const text = Buffer.from(fields[name] ?? "");
    return Buffer.concat([Buffer.from([8 * (index + 1) + 2, text.length]), text]);
  });
  try {
    return await new Promise((resolve, reject) => {
      const path = "/test.v1.Refuser/Refuse";
      client.makeUnaryRequest(path, asIs, asIs, Buffer.concat(request), (error) => {
        if (error === null) reject(new Error("It was not refused"));
        else resolve(error);
      });
    });
  } finally {
    client.close();
  }
}
