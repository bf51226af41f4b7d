import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { help } from "./details.ts";
import { errorDetails } from "./error-details.ts";
import { StatusError } from "./error.ts";

describe("errorDetails()", () => {
  it("puts one ErrorInfo before the details (AIP-193)", () => {
    const link = help({ links: [{ description: "Quotas", url: "https://example.com/quotas" }] });
    const error = new StatusError("NOT_FOUND", "No.", {
      reason: "GONE",
      metadata: { file: "a" },
      details: [link],
    });
    assert.deepEqual(errorDetails(error, "archive.example.com"), [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "GONE",
        domain: "archive.example.com",
        metadata: { file: "a" },
      },
      link,
    ]);
  });

  it("keeps an ErrorInfo that the error has", () => {
    const own = { "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "MINE", domain: "me" };
    assert.deepEqual(errorDetails(new StatusError("ABORTED", "No.", { details: [own] }), "other"), [own]);
  });

  it("falls back to the code if no reason was given", () => {
    assert.equal(errorDetails(new StatusError("ABORTED", "No."), "d")[0]?.["reason"], "ABORTED");
  });
});
