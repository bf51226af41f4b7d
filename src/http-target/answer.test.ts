import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { LIMITS } from "../core/limits.ts";
import type { Operation } from "../core/operation/operation.ts";
import { answering, openTargetWorld } from "./target-world.suite.ts";

/** The code, the reason, and whether another attempt follows. */
function judged(operation: Operation, shown: Operation): readonly unknown[] {
  assert.equal(operation.id, shown.id);
  const { error } = shown;
  return [shown.state, error?.code, error?.details[0]?.["reason"]];
}

const JSON_TYPE = { "content-type": "application/json" };

suite("the answer of a target", () => {
  test("200 and 201 with JSON are the response, of any JSON type", async () => {
    await using world = await openTargetWorld();
    for (const [status, type] of [
      [200, "application/json"],
      [201, "application/json; charset=utf-8"],
      [200, "application/vnd.images+json"],
    ] as const) {
      const { state, response } = await world.answered(
        answering(status, { width: 7 }, { "content-type": type }),
      );
      assert.deepEqual([state, response?.json], ["SUCCEEDED", '{"width":7}']);
    }
  });

  test("204 stands for an empty object", async () => {
    await using world = await openTargetWorld();
    const { error, exception } = await world.answered(answering(204));
    assert.equal(error?.details[0]?.["reason"], "RESPONSE_INVALID");
    assert.match(exception ?? "", /width/);
  });

  test("an invalid response is RESPONSE_INVALID, is not retried, and is shown to operators", async () => {
    await using world = await openTargetWorld();
    const large = JSON.stringify({ width: 1, text: "x".repeat(LIMITS.payloadBytesMax) });
    const bomb = gzipSync(Buffer.alloc(16_777_216, " "));
    const cases: readonly (readonly [Parameters<typeof world.answered>[0], RegExp])[] = [
      [answering(200, { width: "seven" }), /width/],
      [answering(200, '{"width":7}'), /expected application\/json, got text\/plain/],
      [answering(200, "", { "content-type": "" }), /no content type/],
      [answering(200, '{"width":', JSON_TYPE), /no JSON/],
      [answering(200, "", JSON_TYPE), /no JSON/],
      [answering(200, "[1]", JSON_TYPE), /object/],
      [answering(200, '{"width":9007199254740993}', JSON_TYPE), /width: the number 9007199254740993/],
      [answering(200, large, JSON_TYPE), /more than 1048576 bytes/],
      [answering(200, "[".repeat(100_000), JSON_TYPE), /100000 levels/],
      [answering(200, `{"width":[${"1,".repeat(30_000)}1]}`, JSON_TYPE), /3000\d values/],
      [
        (response) => void response.writeHead(200, { ...JSON_TYPE, "content-encoding": "gzip" }).end(bomb),
        /compressed \(gzip\)/,
      ],
    ];
    for (const [answer, expected] of cases) {
      const { state, error, exception } = await world.answered(answer);
      assert.deepEqual(
        [state, error?.details[0]?.["reason"]],
        ["FAILED", "RESPONSE_INVALID"],
        String(expected),
      );
      assert.match(exception ?? "", expected);
      assert.equal(error?.message, 'The handler of "resize" gave an invalid response.');
    }
  });

  test("an endless body is read to the limit, and its connection closed", async () => {
    await using world = await openTargetWorld();
    const closed = Promise.withResolvers<void>();
    let sent = 0;
    const { error } = await world.answered((response) => {
      const more = (): void => {
        while (sent < 1_073_741_824 && response.write(" ".repeat(65_536))) sent += 65_536;
      };
      response.writeHead(200, JSON_TYPE).on("drain", more).on("close", closed.resolve);
      more();
    });
    assert.equal(error?.details[0]?.["reason"], "RESPONSE_INVALID");
    await closed.promise;
    assert.ok(sent < 67_108_864, `${sent} bytes`);
  });

  test("an error is retried or final by its status, and has the code of the table", async () => {
    await using world = await openTargetWorld();
    for (const [status, code] of [
      [408, "FAILED_PRECONDITION"],
      [425, "FAILED_PRECONDITION"],
      [429, "RESOURCE_EXHAUSTED"],
      [500, "INTERNAL"],
      [502, "INTERNAL"],
      [503, "UNAVAILABLE"],
      [504, "DEADLINE_EXCEEDED"],
      [520, "INTERNAL"],
    ] as const) {
      const begun = await world.answered(answering(status, "away"));
      assert.deepEqual([begun.state, begun.failedAttempts], ["PENDING", 1], String(status));
      assert.equal(begun.attempts[0]?.code, code);
    }
    for (const [status, code] of [
      [400, "INVALID_ARGUMENT"],
      [401, "UNAUTHENTICATED"],
      [403, "PERMISSION_DENIED"],
      [404, "NOT_FOUND"],
      [409, "ABORTED"],
      [416, "OUT_OF_RANGE"],
      [418, "FAILED_PRECONDITION"],
      [501, "UNIMPLEMENTED"],
      [505, "INTERNAL"],
    ] as const) {
      const ended = await world.answered(answering(status, "no"));
      assert.deepEqual(judged(ended, ended), ["FAILED", code, code], String(status));
      assert.equal(ended.error?.message, `The target of "resize" answered ${status}.`);
      assert.deepEqual(ended.error?.details[0]?.["metadata"], { httpStatus: String(status) });
      assert.equal(ended.exception, `The target answered ${status} (text/plain):\nno`);
    }
  });

  test("a redirect is not followed", async () => {
    await using world = await openTargetWorld();
    for (const status of [301, 302, 303, 307, 308]) {
      const arrivals = world.target.arrivals.length;
      const { error } = await world.answered(
        answering(status, "", { location: `${world.target.url}/other` }),
      );
      assert.equal(error?.code, "FAILED_PRECONDITION");
      assert.match(error.message, /redirect, which is not followed/);
      assert.equal(world.target.arrivals.length, arrivals + 1);
    }
  });

  test("errors in the body are those of the operation", async () => {
    await using world = await openTargetWorld();
    const info = {
      "@type": "type.googleapis.com/google.rpc.ErrorInfo",
      reason: "TOO_WIDE",
      domain: "images",
    };
    const google = { error: { code: 400, status: "OUT_OF_RANGE", message: "Too wide.", details: [info] } };
    const first = await world.answered(answering(400, google));
    assert.deepEqual(first.error, { code: "OUT_OF_RANGE", message: "Too wide.", details: [info] });
    const bare = await world.answered(answering(404, { code: 9, message: "Not now." }));
    assert.deepEqual([bare.error?.code, bare.error?.message], ["FAILED_PRECONDITION", "Not now."]);
    const problem = { type: "https://images/too-wide", title: "Too wide", detail: "7 is too wide." };
    const ended = await world.answered(
      answering(422, problem, { "content-type": "application/problem+json" }),
    );
    assert.deepEqual([ended.error?.code, ended.error?.message], ["FAILED_PRECONDITION", "7 is too wide."]);
    assert.deepEqual(ended.error?.details[0]?.["metadata"], { httpStatus: "422", type: problem.type });
    const huge = { error: { status: "ABORTED", message: "x".repeat(LIMITS.httpTargetErrorBytesMax) } };
    const cut = await world.answered(answering(400, huge));
    assert.deepEqual(judged(cut, cut), ["FAILED", "INVALID_ARGUMENT", "INVALID_ARGUMENT"]);
  });

  test("Retry-After and RetryInfo delay the next attempt, by an hour at most", async () => {
    await using world = await openTargetWorld({ method: { retry: { initialDelay: "1s", maxDelay: "1s" } } });
    const info = { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "90s" };
    const told = { error: { status: "UNAVAILABLE", message: "Later.", details: [info] } };
    for (const [answer, delayMs] of [
      [answering(503, "", { "retry-after": "120" }), 120_000],
      [answering(429, "", { "retry-after": "Thu, 01 Jan 2026 00:02:00 GMT" }), 120_000],
      [answering(503, "", { "retry-after": "86400" }), 3_600_000],
      [answering(503, told, { "retry-after": "30" }), 90_000],
    ] as const) {
      const { availableTime, state } = await world.answered(answer);
      assert.equal(state, "PENDING");
      assert.equal(availableTime - world.clock.now(), delayMs);
    }
    const { availableTime } = await world.answered(answering(503, "", { "retry-after": "soon" }));
    assert.ok(availableTime - world.clock.now() <= 1_000);
  });

  test("an answer of 202 ends the operation if the target could not report later", async () => {
    await using world = await openTargetWorld();
    const ended = await world.answered(answering(202));
    assert.deepEqual(judged(ended, ended), ["FAILED", "FAILED_PRECONDITION", "TARGET_NOT_ANSWERED"]);
  });
});
