import assert from "node:assert/strict";
import { test } from "node:test";
import { serviceError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { anOperation } from "../testing/an-operation.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { shownResults } from "./shown-results.ts";

test("shownResults() shows errors with code, message and details, but not the text of a bug", () => {
  const logged: unknown[] = [];
  const tell: Tell = { "call.crashed": (fields) => void logged.push(fields) };
  const operation = anOperation();
  const [first, second, third] = shownResults(
    [{ operation }, { error: serviceError("METHOD_NOT_FOUND", "No.") }, { error: new Error("secret") }],
    { domain: "archive", tell, random: seededRandom(1) },
    { method: "POST", path: "/p" },
  );
  assert.deepEqual(first, { operation });
  assert.deepEqual(second?.error, {
    code: "NOT_FOUND",
    message: "No.",
    details: [
      {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        reason: "METHOD_NOT_FOUND",
        domain: "archive",
      },
    ],
  });
  assert.equal(third?.error?.code, "INTERNAL");
  assert.doesNotMatch(JSON.stringify(third), /secret/);
  assert.equal(logged.length, 1);
});
