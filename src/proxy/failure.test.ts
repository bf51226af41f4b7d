import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { serviceError } from "../core/error/error.ts";
import { answerError, bodyOf, timedOut, unreachable } from "./failure.ts";
import { openUpstream } from "./proxy.suite.ts";

suite("answerError()", () => {
  for (const [error, status, headers] of [
    [unreachable(new Error("ECONNREFUSED 10.0.0.1")), 502, { "retry-after": "1" }],
    [timedOut(2_000), 504, {}],
    [serviceError("OPERATION_EXPIRED", "no"), 410, {}],
    [serviceError("METHOD_NOT_ALLOWED", "no", { metadata: { allow: "GET" } }), 405, { allow: "GET" }],
  ] as const) {
    test(`answers ${error.reason} with ${status}, in the head and in the body, without its cause`, async () => {
      await using server = await openUpstream((request, response) =>
        answerError(request, response, error, "d"),
      );
      const answer = await fetch(server.url);
      const body = await answer.text();
      assert.equal(answer.status, status);
      for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers.get(name), value);
      const { code, details } = (
        JSON.parse(body) as { error: { code: number; details: { domain: string }[] } }
      ).error;
      assert.deepEqual([code, details[0]?.domain], [status, "d"]);
      assert.doesNotMatch(body, /10\.0\.0\.1/);
    });
  }

  test("cuts an answer that has begun", async () => {
    await using server = await openUpstream((request, response) => {
      response
        .writeHead(200, { "content-length": 9 })
        .write("a", () => answerError(request, response, timedOut(1)));
    });
    const answer = await fetch(server.url);
    await assert.rejects(answer.text());
  });
});

test("bodyOf() changes only the status", () => {
  const error = serviceError("OPERATION_CANCELLED", 'it says "code": 7');
  const body = JSON.parse(bodyOf(error, 409, "d")) as {
    error: { code: number; message: string; status: string };
  };
  assert.deepEqual(
    [body.error.code, body.error.message, body.error.status],
    [409, 'it says "code": 7', "CANCELLED"],
  );
});
