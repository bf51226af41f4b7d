import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import * as longrunning from "../../src/index.ts";
import { startTestServer } from "../../src/testing/index.ts";

/** One of each message of google/rpc/error_details.proto. */
const DETAILS = [
  longrunning.errorInfo({
    reason: "DIRECTORY_LOCKED",
    domain: "archive.example.com",
    metadata: { directory: "d" },
  }),
  longrunning.retryInfo({ retryDelay: "3.5s" }),
  longrunning.debugInfo({ stackEntries: ["a"], detail: "b" }),
  longrunning.quotaFailure({ violations: [{ subject: "project:p", quotaValue: "10" }] }),
  longrunning.preconditionFailure({ violations: [{ type: "LOCK", subject: "d", description: "Locked." }] }),
  longrunning.badRequest({ fieldViolations: [{ field: "directory", description: "Locked." }] }),
  longrunning.requestInfo({ requestId: "r" }),
  longrunning.resourceInfo({ resourceType: "directory", resourceName: "d" }),
  longrunning.help({ links: [{ description: "Read on", url: "https://example.com/locks" }] }),
  longrunning.localizedMessage({ locale: "de-CH", message: "Das Verzeichnis ist gesperrt." }),
];

/** A detail of a type that no client knows. */
const OWN = { "@type": "type.googleapis.com/archive.LockDetail", since: "yesterday" };

const locked = new longrunning.StatusError("FAILED_PRECONDITION", "The directory is locked.", {
  details: [...DETAILS, OWN],
});

const fails = longrunning.defineMethod({
  name: "fails",
  request: z.object({ how: z.enum(["onPurpose", "unexpectedly"]) }),
  retry: { attempts: 1 },
  run({ how }) {
    if (how === "onPurpose") throw locked;
    throw new Error("secret text of the handler");
  },
});

async function outcomeOf(
  how: string,
): Promise<{ error?: { code: number; message: string; details: unknown[] } }> {
  await using server = await startTestServer([fails]);
  const post = async (path: string, body?: object): Promise<{ name: string }> => {
    const response = await fetch(`${server.url}/v1${path}`, {
      method: "POST",
      body: JSON.stringify(body ?? {}),
    });
    return (await response.json()) as { name: string };
  };
  const { name } = await post(":fails", { how });
  return (await post(`/${name}:wait`)) as Awaited<ReturnType<typeof outcomeOf>>;
}

describe("an error that a handler throws", () => {
  it("on purpose appears in Operation.error with every detail, one of an unknown type as a Struct (contract 1.4 to 1.6)", async () => {
    const { error } = await outcomeOf("onPurpose");
    assert.equal(error?.code, 9);
    assert.equal(error.message, "The directory is locked.");
    const struct = { "@type": "type.googleapis.com/google.protobuf.Struct", value: OWN };
    assert.deepEqual(error.details, [...DETAILS, struct]);
  });

  it("unexpectedly appears as INTERNAL with a reason, and without its text", async () => {
    const { error } = await outcomeOf("unexpectedly");
    assert.equal(error?.code, 13);
    assert.doesNotMatch(JSON.stringify(error), /secret/);
    assert.equal((error.details[0] as { reason: string }).reason, "HANDLER_FAILED");
  });
});
