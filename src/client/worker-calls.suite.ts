import assert from "node:assert/strict";
import { suite, test } from "node:test";
import {
  createRegistry,
  type DescMessage,
  fromJson,
  type JsonObject,
  type JsonValue,
  toJson,
} from "@bufbuild/protobuf";
import type { ClaimCall, WorkerCalls } from "../core/ports/worker-calls.ts";
import { StatusError } from "../core/error/error.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { file_google_protobuf_duration } from "@bufbuild/protobuf/wkt";
import { Workers } from "../wire/gen/longrunning/v1/workers_pb.ts";
import { STANDARD_TYPES } from "../wire/proto/registry.ts";

/** A call of workers by its verb. */
export type Verb = "claim" | "renew" | "complete" | "fail" | "release";

const { claimOperations, renewAttempts, completeAttempts, failAttempts, releaseAttempts } = Workers.method;

/** The RPCs by the verbs that REST has. */
export const RPCS = {
  claim: claimOperations,
  renew: renewAttempts,
  complete: completeAttempts,
  fail: failAttempts,
  release: releaseAttempts,
} as const;

const REGISTRY = { registry: createRegistry(STANDARD_TYPES, file_google_protobuf_duration) };

/** A message from its JSON. */
export function message<Desc extends DescMessage>(desc: Desc, json: JsonValue) {
  return fromJson(desc, json, REGISTRY);
}

/** The JSON of a message. */
export function jsonOf(desc: DescMessage, value: ReturnType<typeof message>): JsonValue {
  return toJson(desc, value, REGISTRY);
}

/** Calls to a server that gives a fixed answer, with the recorded requests. */
export interface Scripted extends Disposable {
  readonly calls: WorkerCalls;
  readonly asked: (readonly [verb: string, request: JsonValue])[];
  readonly headers: Readonly<Record<string, string | undefined>>[];
}

const ATTEMPT = { name: "projects/p/operations/x", attempt: 2, token: "secret" };
const CLAIM: ClaimCall = {
  parent: "projects/p",
  methods: ["a", "b"],
  worker: "host-1",
  limit: 3,
  leaseMs: 30_000,
  waitMs: 1_500,
  requestId: "r",
  workerVersion: "1.4.2",
};

/**
 * The behaviour of workers' calls over every wire. @param open opens a server that answers with the
 * JSON of the call's message
 */
export function workerCallsSuite(name: string, open: (answer: JsonObject) => Promise<Scripted>): void {
  const answered = async <T>(answer: JsonObject, call: (calls: WorkerCalls) => Promise<T>) => {
    using scripted = await open(answer);
    const result = await call(scripted.calls);
    return { result, asked: scripted.asked, headers: scripted.headers };
  };

  suite(`calls of workers over ${name}`, () => {
    test("a claim is sent and its answer read", async () => {
      const claim = {
        attempt: ATTEMPT,
        method: "a",
        request: { text: "é", list: [1, null, { deep: true }] },
        metadata: { percent: 40 },
        lease: "11.500s",
        deadlineTime: "2026-01-01T00:00:00Z",
        failedAttempts: 1,
        attemptsMax: 5,
        cancelRequested: true,
        target: "projects/p/disks/d",
        priority: 7,
        traceContext: { traceparent: "00-a-b-01", tracestate: "v=1" },
        principal: "user:ada@example.com",
        tenant: "projects/p",
      };
      const answer = {
        claims: [claim, { attempt: ATTEMPT, lease: "5s" }],
        serverTime: "2026-01-01T00:00:01.500Z",
      };
      const { result, asked, headers } = await answered(answer, (calls) => calls.claim(CLAIM, {}));
      assert.deepEqual(asked, [
        [
          "claim",
          {
            parent: "projects/p",
            methods: ["a", "b"],
            worker: "host-1",
            limit: 3,
            lease: "30s",
            timeout: "1.500s",
            requestId: "r",
            workerVersion: "1.4.2",
          },
        ],
      ]);
      assert.equal(headers[0]?.["x-team"], "archive");
      assert.equal(result.serverTime, Date.UTC(2026, 0, 1, 0, 0, 1, 500));
      const { request, ...first } = result.claims[0] ?? assert.fail();
      assert.deepEqual(JSON.parse(request), claim.request);
      assert.deepEqual(first, {
        attempt: ATTEMPT,
        method: "a",
        metadata: { type: STRUCT, json: '{"percent":40}' },
        leaseMs: 11_500,
        deadlineTime: Date.UTC(2026, 0, 1),
        failedAttempts: 1,
        attemptsMax: 5,
        cancelRequested: true,
        target: "projects/p/disks/d",
        priority: 7,
        traceparent: "00-a-b-01",
        tracestate: "v=1",
        principal: "user:ada@example.com",
        tenant: "projects/p",
      });
      const { request: none, metadata, deadlineTime, cancelRequested } = result.claims[1] ?? assert.fail();
      assert.deepEqual([none, metadata, deadlineTime, cancelRequested], ["{}", null, null, false]);
    });

    test("an answer without claims is valid", async () => {
      const { result } = await answered({}, (calls) => calls.claim(CLAIM, {}));
      assert.deepEqual(result, { claims: [], serverTime: null });
    });

    test("renewals contain reports, and each has its own answer", async () => {
      const lost = { code: 10, message: "lost", details: [info("ATTEMPT_LOST")] };
      const answers = [{ held: true, lease: "30s", cancelRequested: true }, { error: lost }];
      const { result, asked } = await answered({ answers }, (calls) =>
        calls.renew(30_000, [
          { attempt: ATTEMPT, metadata: { type: STRUCT, json: '{"percent":1.5}' } },
          { attempt: ATTEMPT, metadata: null },
        ]),
      );
      const renewals = [{ attempt: ATTEMPT, metadata: { percent: 1.5 } }, { attempt: ATTEMPT }];
      assert.deepEqual(asked, [["renew", { lease: "30s", renewals }]]);
      assert.deepEqual(result[0], { held: true, leaseMs: 30_000, cancelRequested: true, error: undefined });
      assert.equal(result[1]?.held, false);
      assert.deepEqual([result[1].error?.code, result[1].error?.reason], ["ABORTED", "ATTEMPT_LOST"]);
    });

    test("completions contain their responses, including those that are not objects", async () => {
      const { result, asked } = await answered({ answers: [{ state: "SUCCEEDED" }, {}, {}] }, (calls) =>
        calls.complete([
          { attempt: ATTEMPT, response: { type: STRUCT, json: '{"a":[1]}' } },
          { attempt: ATTEMPT, response: null },
          { attempt: ATTEMPT, response: { type: "google.protobuf.Duration", json: '"3s"' } },
        ]),
      );
      const duration = { "@type": "type.googleapis.com/google.protobuf.Duration", value: "3s" };
      const completions = [
        { attempt: ATTEMPT, response: { a: [1] } },
        { attempt: ATTEMPT },
        { attempt: ATTEMPT, responseAny: duration },
      ];
      assert.deepEqual(asked, [["complete", { completions }]]);
      assert.deepEqual(result, [{ error: undefined }, { error: undefined }, { error: undefined }]);
    });

    test("failures contain their errors", async () => {
      const details = [info("DISK_FULL")];
      const error = { code: "ABORTED", message: "full", details } as const;
      const { asked } = await answered({ answers: [{}, {}] }, (calls) =>
        calls.fail([
          { attempt: ATTEMPT, error, retryDelayMs: null, exception: null },
          { attempt: ATTEMPT, error, retryDelayMs: 2_500, exception: "Error: full\n    at disk" },
        ]),
      );
      const failed = { attempt: ATTEMPT, error: { code: 10, message: "full", details } };
      const failures = [
        { ...failed, final: true },
        { ...failed, retryDelay: "2.500s", exception: "Error: full\n    at disk" },
      ];
      assert.deepEqual(asked, [["fail", { failures }]]);
    });

    test("attempts are released with a delay", async () => {
      const { asked } = await answered({ answers: [{}] }, (calls) => calls.release([ATTEMPT], 4_000));
      assert.deepEqual(asked, [["release", { attempts: [ATTEMPT], delay: "4s" }]]);
    });

    test("an aborted claim throws the signal's reason", async () => {
      using scripted = await open({});
      const reason = new Error("no more");
      const signal = AbortSignal.abort(reason);
      await assert.rejects(scripted.calls.claim(CLAIM, { signal }), reason);
      assert.deepEqual(scripted.asked, []);
    });

    test("a claim without lease or token is not a valid answer", async () => {
      await assert.rejects(
        answered({ claims: [{ method: "a" }] }, (calls) => calls.claim(CLAIM, {})),
        (error) => error instanceof StatusError && error.reason === "ANSWER_INVALID",
      );
    });
  });
}

function info(reason: string) {
  return { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason, domain: "lro.example.com" };
}
