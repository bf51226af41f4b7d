import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { startsOfBody } from "./start-requests.ts";

const NOTHING_ELSE = {
  parent: undefined,
  requestId: undefined,
  validateOnly: undefined,
  timeToLiveMs: undefined,
  delayMs: undefined,
  priority: undefined,
  callbackUrl: undefined,
};

suite("startsOfBody()", () => {
  test("counts the starts before it reads any", () => {
    const requests = Array.from({ length: LIMITS.startsMax + 1 });
    const untouched = new Proxy(requests, {
      get: (list, key, receiver): unknown => {
        assert.notEqual(key, "0", "a start was read");
        return Reflect.get(list, key, receiver);
      },
    });
    assert.throws(() => startsOfBody({ requests: untouched }), /expected 1 to 1000, got 1001/);
  });

  test("reads every field, in both spellings; null is left out", () => {
    const all = {
      method: "pack",
      parent: "projects/p",
      request: { a: 1 },
      request_id: "r",
      validateOnly: true,
      timeToLive: "3600s",
      delay: "1.5s",
      priority: "5",
      callback_url: "https://example.com/",
    };
    assert.deepEqual(startsOfBody({ requests: [all, { method: "pack", request: null, priority: 7 }] }), [
      {
        method: "pack",
        parent: "projects/p",
        request: { a: 1 },
        requestId: "r",
        validateOnly: true,
        timeToLiveMs: 3_600_000,
        delayMs: 1_500,
        priority: 5,
        callbackUrl: "https://example.com/",
      },
      { ...NOTHING_ELSE, method: "pack", request: {}, priority: 7 },
    ]);
  });

  test("reports an invalid start at its place", () => {
    const wrong: readonly (readonly [unknown, RegExp])[] = [
      [7, /^Invalid value at 'requests\[0\]': expected an object, got 7\.$/],
      [{ method: 7 }, /'requests\[1\]\.method': expected a text, got 7/],
      [{ method: "m", request: [] }, /'requests\[2\]\.request': expected an object, got a list/],
      [{ method: "m", validateOnly: "yes" }, /'requests\[3\]\.validateOnly': expected true or false/],
      [{ method: "m", force: true }, /Unknown name "force"/],
      [{ method: "m", delay: "1h" }, /'delay'/],
      [{ method: "m", timeToLive: 5 }, /'time_to_live'/],
    ];
    const results = startsOfBody({ requests: wrong.map(([value]) => value) as never });
    for (const [index, [, message]] of wrong.entries()) {
      const result = results[index];
      assert.ok(result instanceof StatusError, String(message));
      assert.equal(result.code, "INVALID_ARGUMENT");
      assert.match(result.message, message);
      assert.equal(result.details.length, 1);
    }
  });

  test("leaves the refusal of an invalid priority to the engine", () => {
    const [start] = startsOfBody({ requests: [{ method: "m", priority: "high" }] });
    assert.ok(start !== undefined && !(start instanceof StatusError) && Number.isNaN(start.priority));
  });

  test("refuses a body that is not a list of starts as a whole", () => {
    const wrong: readonly (readonly [object, RegExp])[] = [
      [{}, /expected a list of starts, got none/],
      [{ requests: {} }, /expected a list of starts, got object/],
      [{ requests: [], force: true }, /Unknown name "force"/],
    ];
    for (const [body, message] of wrong) {
      assert.throws(
        () => startsOfBody(body as never),
        (error) => {
          assert.ok(error instanceof StatusError);
          assert.match(error.message, message);
          assert.equal(error.details[0]?.["@type"], "type.googleapis.com/google.rpc.BadRequest");
          return error.reason === "REQUEST_INVALID";
        },
      );
    }
  });
});
