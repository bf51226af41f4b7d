import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as details from "./details.ts";

describe("the constructors of error details", () => {
  it("are complete for google/rpc/error_details.proto, each under its own type", () => {
    const made = [
      details.errorInfo({ reason: "GONE", domain: "example.com", metadata: { file: "a" } }),
      details.retryInfo({ retryDelay: "3.5s" }),
      details.debugInfo({ stackEntries: ["a"], detail: "b" }),
      details.quotaFailure({ violations: [{ subject: "project:p", quotaValue: "10" }] }),
      details.preconditionFailure({
        violations: [{ type: "TOS", subject: "example.com", description: "Accept it." }],
      }),
      details.badRequest({ fieldViolations: [{ field: "a[1].b", description: "No." }] }),
      details.requestInfo({ requestId: "r" }),
      details.resourceInfo({ resourceType: "file", resourceName: "a" }),
      details.help({ links: [{ description: "Read on", url: "https://example.com" }] }),
      details.localizedMessage({ locale: "de-CH", message: "Nein." }),
    ];
    const types = made.map((detail) => detail["@type"].replace("type.googleapis.com/google.rpc.", ""));
    assert.deepEqual(types, [
      "ErrorInfo",
      "RetryInfo",
      "DebugInfo",
      "QuotaFailure",
      "PreconditionFailure",
      "BadRequest",
      "RequestInfo",
      "ResourceInfo",
      "Help",
      "LocalizedMessage",
    ]);
    assert.deepEqual(made[1], { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "3.5s" });
  });
});
