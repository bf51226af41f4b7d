import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { StatusError } from "../core/error/error.ts";
import { defineMethod } from "../core/method/method.ts";
import { asStatusError, startOfCall, startOfItem } from "./starts.ts";

const pack = defineMethod({ name: "pack", request: z.object({}), run() {} });
const NO_JSON = {
  ...pack,
  codec: {
    ...pack.codec,
    request: () => {
      throw new TypeError("it has no JSON");
    },
  },
};

test("startOfCall() converts durations to milliseconds", () => {
  const options = { timeToLive: "1h", delay: "1.5s", priority: 7, parent: "p", requestId: "r" } as const;
  assert.deepEqual(startOfCall(pack, { a: 1 }, options), {
    method: "pack",
    request: { a: 1 },
    parent: "p",
    requestId: "r",
    priority: 7,
    timeToLiveMs: 3_600_000,
    delayMs: 1_500,
  });
  assert.throws(
    () => startOfCall(pack, {}, { delay: "soon" as never }),
    /^TypeError: delay: expected a duration/,
  );
});

test("startOfItem() says why a request has no JSON, with the item's index", () => {
  const refused = startOfItem({ method: NO_JSON, request: 1 });
  assert.ok(refused instanceof StatusError && refused.reason === "REQUEST_INVALID");
  assert.throws(() => startOfItem({ method: pack, request: {}, delay: "soon" as never }), TypeError);
});

test("asStatusError() leaves a StatusError unchanged, and keeps any other error as the cause", () => {
  const error = new StatusError("ABORTED", "Later.");
  assert.equal(asStatusError(error), error);
  const bug = new Error("a bug");
  const { code, message, cause } = asStatusError(bug);
  assert.deepEqual([code, message, cause], ["INTERNAL", "a bug", bug]);
});
