import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { HandedOver } from "../core/method/handed-over.ts";
import { Postponed } from "../core/method/postponed.ts";
import {
  type AbortCause,
  AttemptAborted,
  type Context,
  defineMethod,
  type Method,
} from "../core/method/method.ts";
import { LIMITS } from "../core/limits.ts";
import { EMPTY, STRUCT } from "../core/operation/payload.ts";
import { LOST_REQUEST, SEAL } from "../core/operation/sealed.ts";
import { Validations } from "../core/method/validation.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { anOperation } from "../testing/an-operation.ts";
import type { FailureFacts } from "./failure.ts";
import { type HandlerOutcome, runHandler, verdictOf } from "./outcome.ts";

const request = z.object({ size: z.number().default(7) });
const response = z.object({ path: z.string() });
const context = {} as Context;

function run(
  method: Method,
  text = "{}",
  settle = (): Promise<void> => Promise.resolve(),
): Promise<HandlerOutcome> {
  return runHandler(method, text, context, { settle });
}

function facts(method: Method): FailureFacts {
  return { operation: anOperation({ attempt: 1 }), method, domain: "test", now: 0, fraction: 0 };
}

/** The reason in the failure of an outcome. */
function reasonOf(outcome: HandlerOutcome, method: Method): unknown {
  const verdict = verdictOf(outcome, undefined, facts(method));
  return verdict.verb === "fail" ? verdict.failure.error.details[0]?.["reason"] : verdict.verb;
}

const wrong = (): Promise<void> => Promise.reject(new TypeError("wrong"));

suite("runHandler()", () => {
  test("runs nothing without the request: a lost one ends the operation, and one that other processes can open waits", async () => {
    const method = defineMethod({ name: "m", request, run: () => assert.fail("the handler is not called") });
    const end = async (text: string) =>
      verdictOf(
        await runHandler(method, text, context, { settle: () => Promise.resolve() }),
        undefined,
        facts(method),
      );
    const lost = await end(LOST_REQUEST);
    assert.ok(lost.verb === "fail");
    assert.deepEqual([lost.failure.error.code, lost.failure.retryTime], ["DATA_LOSS", null]);
    assert.deepEqual(await end(`${SEAL}AQ`), { verb: "release", delayMs: LIMITS.keyMissingDelayMs });
  });

  test("waits a limited time for schemas", async () => {
    const silent = z.object({}).refine(() => new Promise<boolean>(() => {}));
    const ran = Promise.withResolvers<void>();
    const methods = [
      defineMethod({ name: "m", request: silent, run: () => {} }),
      defineMethod({ name: "m", request: z.object({}), response: silent, run: () => (ran.resolve(), {}) }),
    ] as const;
    const expected = ["HANDLER_FAILED", "RESPONSE_INVALID"];
    for (const [index, method] of methods.entries()) {
      const clock = new ManualClock();
      const ended = runHandler(method, "{}", context, {
        settle: () => Promise.resolve(),
        validations: new Validations(clock),
      });
      if (index === 1) await ran.promise;
      await clock.advance(0);
      await clock.advance(LIMITS.validationMsMax);
      assert.equal(reasonOf(await ended, method), expected[index]);
    }
  });

  test("rejects a response that is too large before it is written", async () => {
    let looked = 0;
    const each = {
      get text() {
        looked++;
        return "x".repeat(1_000);
      },
    };
    const list = Array.from({ length: 50_000 }, () => each);
    const method = defineMethod({
      name: "m",
      request: z.object({}),
      response: z.any(),
      run: () => ({ list }),
    });
    assert.equal(reasonOf(await run(method), method), "RESPONSE_INVALID");
    assert.ok(looked < 1_100, `${looked} were looked at`);
  });

  test("gives the handler the schema's output, and encodes the schema's output of the response", async () => {
    const cut = response.transform(({ path }) => ({ path: path.slice(1) }));
    const method = defineMethod({
      name: "m",
      request,
      response: cut,
      run: ({ size }) => ({ path: `/${size}` }),
    });
    assert.deepEqual(await run(method), { response: { type: STRUCT, json: '{"path":"7"}' } });
  });

  test("a method without a response returns Empty, whatever the handler returns", async () => {
    const method = defineMethod({ name: "m", request, run: () => ({ secret: 1 }) as never });
    assert.deepEqual(await run(method), { response: EMPTY });
  });

  test("a handler that throws, at once or later, has an outcome", async () => {
    const thrown = new Error("no");
    const direct = (): never => {
      throw thrown;
    };
    assert.deepEqual(await run(defineMethod({ name: "m", request, run: direct })), { thrown });
    assert.deepEqual(await run(defineMethod({ name: "m", request, run: async () => direct() })), { thrown });
    const thenable = new Proxy({}, { get: direct }) as never;
    assert.deepEqual(await run(defineMethod({ name: "m", request, run: () => thenable })), { thrown });
  });

  test("a report that proves invalid fails the attempt, but an error of the handler takes precedence", async () => {
    const outcome = await run(defineMethod({ name: "m", request, run: () => {} }), "{}", wrong);
    assert.ok("thrown" in outcome && outcome.thrown instanceof TypeError);
    const thrown = new Error("first");
    const method = defineMethod({ name: "m", request, run: () => Promise.reject(thrown) });
    assert.deepEqual(await run(method, "{}", wrong), { thrown });
  });

  test("a stored request that is no longer valid is REQUEST_INVALID", async () => {
    const method = defineMethod({ name: "m", request, run: () => assert.fail("must not run") });
    assert.equal(reasonOf(await run(method, '{"size":"big"}'), method), "REQUEST_INVALID");
  });

  for (const [what, returned] of [
    ["does not fit the schema", { path: 1 }],
    ["is nothing", undefined],
  ] as const) {
    test(`a response that ${what} is RESPONSE_INVALID`, async () => {
      const method = defineMethod({ name: "m", request, response, run: () => returned as never });
      assert.equal(reasonOf(await run(method), method), "RESPONSE_INVALID");
    });
  }

  test("a response that cannot be encoded is RESPONSE_INVALID", async () => {
    const method = defineMethod({ name: "m", request, response: z.unknown(), run: () => [1] });
    assert.equal(reasonOf(await run(method), method), "RESPONSE_INVALID");
  });
});

suite("verdictOf()", () => {
  test("releases an attempt that is postponed, whatever else was requested", () => {
    const method = defineMethod({ name: "m", request, run: () => {} });
    const outcome = { thrown: new Postponed("The host is busy.", 700) };
    for (const why of [undefined, "cancelled"] as const)
      assert.deepEqual(verdictOf(outcome, why, facts(method)), { verb: "release", delayMs: 700 });
  });

  test("leaves an attempt open that is handed over, unless its deadline has passed", () => {
    const outcome = { thrown: new HandedOver(5_000) };
    const verb = (why: AbortCause | undefined) => verdictOf(outcome, why, facts(method)).verb;
    assert.deepEqual(verdictOf(outcome, undefined, facts(method)), { verb: "handOver", leaseMs: 5_000 });
    for (const why of ["cancelled", "shutdown"] as const) assert.equal(verb(why), "handOver");
    assert.equal(verb("deadline"), "fail");
  });

  const method = defineMethod({ name: "m", request, run: () => {} });
  const done: HandlerOutcome = { response: EMPTY };
  const stopped: HandlerOutcome = { thrown: new AttemptAborted("cancelled") };
  const broken: HandlerOutcome = { thrown: new Error("broken") };
  const refused: HandlerOutcome = { thrown: new StatusError("NOT_FOUND", "") };

  for (const [why, outcome, expected] of [
    [undefined, done, "complete"],
    [undefined, stopped, "fail HANDLER_FAILED with exception, again"],
    [undefined, broken, "fail HANDLER_FAILED with exception, again"],
    [undefined, refused, "fail NOT_FOUND"],
    ["cancelled", done, "complete"],
    ["cancelled", stopped, "fail OPERATION_CANCELLED"],
    ["cancelled", broken, "fail HANDLER_FAILED with exception, again"],
    ["cancelled", refused, "fail NOT_FOUND"],
    ["shutdown", done, "complete"],
    ["shutdown", stopped, "release"],
    ["shutdown", broken, "release"],
    ["shutdown", refused, "fail NOT_FOUND"],
    ["shutdown", { thrown: new StatusError("UNAVAILABLE", "") }, "release"],
    ["shutdown", { thrown: new StatusError("CANCELLED", "") }, "release"],
    ["shutdown", { thrown: new Postponed("The host is busy.", 700) }, "release"],
    ["deadline", done, "fail DEADLINE_PASSED"],
    ["deadline", stopped, "fail DEADLINE_PASSED"],
    ["deadline", broken, "fail DEADLINE_PASSED with exception"],
  ] as const) {
    const name = "response" in outcome ? "a response" : (outcome.thrown as Error).name;
    test(`${why ?? "not aborted"}: ${name} becomes ${expected}`, () => {
      const verdict = verdictOf(outcome, why, facts(method));
      if (verdict.verb !== "fail") return assert.equal(verdict.verb, expected);
      const { error, exception, retryTime } = verdict.failure;
      const reason = String(error.details[0]?.["reason"]);
      const text = `fail ${reason}${exception === null ? "" : " with exception"}${retryTime === null ? "" : ", again"}`;
      return assert.equal(text, expected);
    });
  }
});
