import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { LIMITS } from "../limits.ts";
import type { Schema } from "./schema.ts";
import { givenText, Validations } from "./validation.ts";

function answering(validate: () => unknown): Schema {
  return { "~standard": { version: 1, vendor: "own", validate: validate as () => { value: unknown } } };
}

const never = answering(() => new Promise(() => {}));

/** A custom promise. */
class Later extends Promise<unknown> {
  constructor(run: (resolve: (value: unknown) => void) => void = (resolve) => resolve({ value: 2 })) {
    super(run);
  }
}

describe("Validations", () => {
  it("return an answer that is there at once, and a later one, from any kind of promise", async () => {
    const clock = new ManualClock();
    const validations = new Validations(clock);
    assert.deepEqual(
      validations.of(
        answering(() => ({ value: 1 })),
        0,
      ),
      { value: 1 },
    );
    const later = new Later();
    assert.deepEqual(
      await validations.of(
        answering(() => later),
        0,
      ),
      { value: 2 },
    );
    const issues = [{ message: "no" }];
    assert.deepEqual(
      await validations.of(
        answering(() => Promise.resolve({ issues })),
        0,
      ),
      { issues },
    );
    assert.equal(clock.pending, 0, "no timer is left");
  });

  it("wait a limited time for an answer", async () => {
    const clock = new ManualClock();
    const answer = Promise.resolve(new Validations(clock).of(never, 0));
    const failed = assert.rejects(answer, { message: "The schema gave no answer within 10s" });
    await clock.advance(LIMITS.validationMsMax);
    await failed;
  });

  it("wait for a limited number at once, and for others when these are answered", async () => {
    const clock = new ManualClock();
    const validations = new Validations(clock);
    const first = Array.from({ length: LIMITS.validationsMax }, () =>
      Promise.resolve(validations.of(never, 0)),
    );
    const settled = Promise.allSettled(first);
    await assert.rejects(async () => validations.of(never, 0), {
      code: "RESOURCE_EXHAUSTED",
      reason: "TOO_MANY_VALIDATIONS",
    });
    await clock.advance(LIMITS.validationMsMax);
    await settled;
    assert.deepEqual(
      await validations.of(
        answering(() => Promise.resolve({ value: 1 })),
        0,
      ),
      { value: 1 },
    );
  });

  it("refuse an invalid answer", async () => {
    const validations = new Validations(new ManualClock());
    for (const answer of [undefined, null, {}, true, { issues: "no" }]) {
      assert.throws(
        () =>
          validations.of(
            answering(() => answer),
            0,
          ),
        /expected \{ value \} or \{ issues \}/,
      );
      await assert.rejects(
        async () =>
          validations.of(
            answering(() => Promise.resolve(answer)),
            0,
          ),
        TypeError,
      );
    }
  });
});

describe("givenText()", () => {
  it("accepts text, and names the function for anything else; a promise that fails later does no further harm", () => {
    assert.equal(givenText("m: target", ""), "");
    assert.throws(() => givenText("m: target", { a: 1 }), {
      name: "TypeError",
      message: "m: target: expected it to give a text, got an object with a",
    });
    assert.throws(() => givenText("m: target", Promise.reject(new Error("later"))), /got a promise/);
  });
});
