import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { callerText } from "../core/caller.ts";
import { EMPTY, STRUCT } from "../core/operation/payload.ts";
import { LOST_REQUEST, SEAL } from "../core/operation/sealed.ts";
import { anOperation } from "../testing/an-operation.ts";
import { answersJson, claimJson, claimsJson, outcomeJson, renewalJson, type ShownClaim } from "./worker.ts";

const attempt = { name: "projects/p/operations/a", attempt: 2, token: "t" };
const NOW = Date.UTC(2026, 0, 1);
const claim = (fields: Parameters<typeof anOperation>[0] = {}): ShownClaim => ({
  attempt,
  leaseMs: 10_000,
  operation: anOperation({ method: "pack", request: '{"a":1}', ...fields }),
});
const shown = (fields: Parameters<typeof anOperation>[0], requestType?: string): Record<string, unknown> =>
  JSON.parse(claimJson(claim(fields), requestType)) as Record<string, unknown>;

const LITTLE = {
  attempt,
  method: "pack",
  request: { a: 1 },
  lease: "10s",
  failedAttempts: 0,
  attemptsMax: 3,
  cancelRequested: false,
  principal: "anonymous",
};

suite("claimJson()", () => {
  test("has what a worker needs, and leaves out absent fields", () => {
    assert.deepEqual(shown({}), LITTLE);
    const { principal: _, ...unknown } = LITTLE;
    assert.deepEqual(shown({ metadata: EMPTY, caller: null }), unknown);
  });

  test("has all fields that are present", () => {
    const trace = `00-${"1".repeat(32)}-${"2".repeat(16)}-01`;
    const all = shown({
      deadlineTime: NOW,
      failedAttempts: 1,
      cancelTime: NOW,
      metadata: { type: STRUCT, json: '{"done":1}' },
      target: "disks/d",
      priority: 7,
      traceContext: `${trace} a=b`,
      caller: callerText({ principal: "user:ada@example.com", tenant: "projects/p" }),
    });
    assert.deepEqual(all, {
      ...LITTLE,
      deadlineTime: "2026-01-01T00:00:00.000Z",
      failedAttempts: 1,
      cancelRequested: true,
      metadata: { done: 1 },
      target: "disks/d",
      priority: 7,
      traceContext: { traceparent: trace, tracestate: "a=b" },
      principal: "user:ada@example.com",
      tenant: "projects/p",
    });
    assert.deepEqual(shown({ traceContext: trace })["traceContext"], { traceparent: trace });
  });

  test("returns messages with their types", () => {
    const { request, requestAny, metadata, metadataAny } = shown(
      { metadata: { type: "acme.v1.Progress", json: '{"percent":5}' } },
      "acme.v1.PackRequest",
    );
    assert.deepEqual([request, metadata], [undefined, undefined]);
    assert.deepEqual(requestAny, { "@type": "type.googleapis.com/acme.v1.PackRequest", a: 1 });
    assert.deepEqual(metadataAny, { "@type": "type.googleapis.com/acme.v1.Progress", percent: 5 });
  });

  test("refuses sealed texts, which would be mistaken for the request", () => {
    for (const fields of [
      { request: `${SEAL}x` },
      { request: LOST_REQUEST },
      { metadata: { type: STRUCT, json: `${SEAL}x` } },
    ])
      assert.throws(() => claimJson(claim(fields)), { reason: "KEY_UNAVAILABLE" });
  });
});

suite("the answers to workers", () => {
  test("are the JSON of their messages", () => {
    assert.equal(claimsJson([], NOW), '{"claims":[],"serverTime":"2026-01-01T00:00:00.000Z"}');
    assert.equal(claimsJson(["1", "2"], NOW), '{"claims":[1,2],"serverTime":"2026-01-01T00:00:00.000Z"}');
    const error = { code: "ABORTED", message: "lost", details: [] } as const;
    const renewed = { held: true, leaseMs: 30_000, cancelRequested: true, error: undefined };
    assert.equal(renewalJson(renewed), '{"held":true,"lease":"30s","cancelRequested":true}');
    assert.equal(
      renewalJson({ held: false, leaseMs: 0, cancelRequested: false, error }),
      '{"held":false,"cancelRequested":false,"error":{"code":10,"message":"lost"}}',
    );
    assert.equal(outcomeJson({ error: undefined, state: "SUCCEEDED" }), '{"state":"SUCCEEDED"}');
    assert.equal(
      outcomeJson({ error, state: "PENDING" }),
      '{"state":"PENDING","error":{"code":10,"message":"lost"}}',
    );
    assert.equal(outcomeJson({ error, state: "" }), '{"error":{"code":10,"message":"lost"}}');
    assert.equal(answersJson(["1", "2"]), '{"answers":[1,2]}');
  });
});
