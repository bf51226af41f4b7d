import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { parseJson } from "../../core/value/number-source.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import {
  attemptOfJson,
  bodyFields,
  claimOfBody,
  completionOfJson,
  failureOfJson,
  releaseAt,
  renewalAt,
  renewalOfJson,
} from "./worker-bodies.ts";

const attempt = { name: "operations/a", attempt: 2, token: "t" };
const AT = { place: "all[0]" };
const NAME = { name: "operations/a" };
const error = { code: 14, message: "away" };

function refused(read: () => unknown, field: string, rule: RegExp, reason = "CLAIM_INVALID"): void {
  assert.throws(read, (thrown) => {
    assert.ok(thrown instanceof StatusError);
    assert.equal(thrown.reason, reason);
    assert.match(thrown.message, rule);
    assert.equal(thrown.metadata["field"], field, thrown.message);
    return true;
  });
}

suite("claimOfBody()", () => {
  test("reads every field; the parent of the address takes precedence", () => {
    const body = {
      parent: "projects/q",
      methods: ["pack"],
      worker: "w",
      limit: 5,
      lease: "30s",
      timeout: "20s",
      request_id: "r",
      workerVersion: "1.4.2",
    };
    const claim = {
      parent: "projects/q",
      methods: ["pack"],
      worker: "w",
      limit: 5,
      leaseMs: 30_000,
      timeoutMs: 20_000,
      requestId: "r",
      workerVersion: "1.4.2",
    };
    assert.deepEqual(claimOfBody(body, ""), claim);
    assert.deepEqual(claimOfBody(body, "projects/p"), { ...claim, parent: "projects/p" });
    assert.deepEqual(claimOfBody({}, ""), {
      parent: "",
      methods: [],
      worker: "",
      limit: undefined,
      leaseMs: undefined,
      timeoutMs: undefined,
      requestId: "",
      workerVersion: "",
    });
  });

  test("reports mistakes, with their fields", () => {
    refused(() => claimOfBody({ methods: ["a", 5] }, ""), "methods[1]", /expected the name of a method/);
    refused(() => claimOfBody({ methods: "a" }, ""), "methods", /expected a list, got "a"/);
    refused(() => claimOfBody({ limit: 1e300 }, ""), "limit", /32 bits/);
    refused(() => claimOfBody({ lease: 30 }, ""), "lease", /a duration such as "30s", got 30/);
    refused(() => claimOfBody({ timeout: "-1s" }, ""), "timeout", /a duration/);
    refused(() => claimOfBody({ leas: "30s" }, ""), "leas", /Unknown name "leas"/);
    refused(() => bodyFields({ renewal: [] }, ["renewals"]), "renewal", /Unknown name/);
  });
});

const complete = (value: unknown) => () => completionOfJson(value, AT);
const fail = (given: unknown) => () => failureOfJson({ attempt, error: given }, AT);

suite("entries in lists", () => {
  test("are read with their attempts", () => {
    assert.deepEqual(completionOfJson({ attempt, response: { a: 1 } }, AT), {
      attempt,
      response: { type: "google.protobuf.Struct", json: '{"a":1}' },
    });
    assert.deepEqual(completionOfJson({ attempt }, AT), { attempt, response: undefined });
    const details = [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1s" }];
    const failed = {
      attempt,
      error: { ...error, details },
      final: true,
      retryDelay: "5s",
      exception: "boom",
    };
    assert.deepEqual(failureOfJson(failed, AT), {
      attempt,
      error: { code: "UNAVAILABLE", message: "away", details },
      final: true,
      retryDelayMs: 5_000,
      exception: "boom",
    });
    assert.deepEqual(failureOfJson({ attempt, error: { code: 1 } }, AT), {
      attempt,
      error: { code: "CANCELLED", message: "", details: [] },
      final: false,
      retryDelayMs: undefined,
      exception: "",
    });
    assert.deepEqual(attemptOfJson(attempt, "attempts[0]"), attempt);
    const { metadata } = renewalOfJson({ attempt, metadataAny: { "@type": "a/b.C", d: 1 } }, "all[0]");
    assert.deepEqual(metadata, { type: "b.C", json: '{"d":1}' });
  });

  test("are refused with the place of the mistake", () => {
    refused(complete(7), "all[0]", /at 'all\[0\]': expected an object/);
    refused(complete({}), "all[0].attempt.name", /expected the name of an operation/);
    refused(complete({ attempt: "a" }), "all[0].attempt", /expected an object/);
    refused(complete({ attempt: { ...attempt, attempt: "two" } }), "all[0].attempt.attempt", /32 bits/);
    refused(complete({ attempt: { ...attempt, attempt: -2 } }), "all[0].attempt.attempt", /from 1, got -2/);
    refused(complete({ attempt: { ...attempt, token: 5 } }), "all[0].attempt.token", /expected a text/);
    refused(complete({ attempt: { ...attempt, worker: "w" } }), "all[0].attempt.worker", /Unknown name/);
    refused(complete({ attempt, response: [] }), "all[0].response", /expected an object/);
    refused(complete({ attempt, error }), "all[0].error", /Unknown name "error"/);
    for (const field of ["name", "token"])
      refused(complete({ attempt: 2, [field]: "x" }), `all[0].${field}`, /it belongs into 'attempt'/);
  });

  test("have errors with a code, and details of limited type and size", () => {
    for (const code of [0, 17, -1, 1.5, undefined, "UNAVAILABLE", {}])
      refused(fail({ code }), "all[0].error.code", /1 to 16, got [^{]+$/, "ATTEMPT_ERROR_INVALID");
    assert.equal(failureOfJson({ attempt, error: { code: "14" } }, AT).error.code, "UNAVAILABLE");
    refused(fail({ code: 5, details: [{}] }), "all[0].error.details[0]", /its type in "@type"/);
    const large = { "@type": "a/b.C", text: "x".repeat(LIMITS.detailsBytesMax) };
    refused(fail({ code: 5, details: [large] }), "all[0].error.details", /65536 bytes/);
    refused(fail({ code: 5, status: "NOT_FOUND" }), "all[0].error.status", /Unknown name/);
  });

  test("renew although their metadata is invalid", () => {
    const body = parseJson(JSON.stringify({ attempt, metadata: [] }));
    const { metadata, refused: why, ...rest } = renewalOfJson(body, "renewals[3]");
    assert.deepEqual([metadata, rest], [undefined, { attempt }]);
    assert.equal(why?.metadata["field"], "renewals[3].metadata");
  });
});

suite("a body at the address of an operation", () => {
  const { name: _, ...flat } = attempt;

  test("has the fields of the entry besides those of the attempt", () => {
    assert.deepEqual(completionOfJson({ ...flat, response: {} }, NAME).attempt, attempt);
    assert.deepEqual(failureOfJson({ ...flat, error, name: "operations/b" }, NAME).attempt, attempt);
    assert.deepEqual(releaseAt({ ...flat, delay: "3s" }, "operations/a"), { attempt, delayMs: 3_000 });
    const { renewal, leaseMs } = renewalAt({ ...flat, lease: "60s", metadata: { a: 1 } }, "operations/a");
    assert.deepEqual([renewal.attempt, renewal.metadata?.json, leaseMs], [attempt, '{"a":1}', 60_000]);
  });

  test("reports mistakes with its own field names", () => {
    const body: JsonObject = { ...flat, token: "" };
    refused(() => completionOfJson(body, NAME), "token", /expected the token that the claim brought/);
    const beside = /expected the number of the attempt, beside its token\.$/;
    refused(() => completionOfJson({ ...flat, attempt: { ...attempt } }, NAME), "attempt", beside);
    refused(() => attemptOfJson({ attempt }, "attempts[0]"), "attempts[0].attempt", beside);
    refused(() => releaseAt({ ...flat, lease: "3s" }, "operations/a"), "lease", /Unknown name/);
  });
});
