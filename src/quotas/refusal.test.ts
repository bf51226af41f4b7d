import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { errorDetails } from "../core/error/error-details.ts";
import { parseRate } from "../core/quota.ts";
import { rateExceeded } from "./refusal.ts";

test("docs/quotas.md shows an actual answer", () => {
  const page = readFileSync(new URL("../../docs/quotas.md", import.meta.url), "utf8");
  const [, shown = ""] = /```json\n([^`]+)```/.exec(page) ?? [];
  const rate = parseRate("600/m") ?? assert.fail();
  const error = rateExceeded(
    { metric: "read", rate, subject: "projects/p", retryMs: 1_500 },
    "lro.example.com",
  );
  const details = errorDetails(error, "lro.example.com");
  assert.deepEqual(JSON.parse(shown), {
    error: { code: 429, message: error.message, status: error.code, details },
  });
});

test("a refusal has Google's wording, with the limit, its owner, and the time to retry", () => {
  const rate = parseRate("600/m") ?? assert.fail();
  const exceeded = { metric: "read", rate, subject: "projects/p", retryMs: 1_500 } as const;
  const error = rateExceeded(exceeded, "lro.example.com");
  assert.equal(error.code, "RESOURCE_EXHAUSTED");
  assert.equal(
    error.message,
    "Quota exceeded for quota metric 'Read requests' and limit 'Read requests per minute' of service 'lro.example.com' for consumer 'projects/p'.",
  );
  assert.deepEqual(errorDetails(error, "lro.example.com"), [
    {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "RATE_LIMIT_EXCEEDED",
      domain: "lro.example.com",
      metadata: {
        consumer: "projects/p",
        service: "lro.example.com",
        quota_metric: "lro.example.com/read_requests",
        quota_limit: "ReadRequestsPerMinute",
        quota_limit_value: "600",
      },
    },
    {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [
        {
          subject: "projects/p",
          description: "600 read requests per minute",
          quotaMetric: "lro.example.com/read_requests",
          quotaId: "ReadRequestsPerMinute",
          quotaValue: "600",
        },
      ],
    },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "1.5s" },
  ]);
});
