import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { serviceError } from "../core/error/error.ts";
import type { EventFields } from "../core/events.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { toldCalls } from "./told-calls.ts";

const call: Call = {
  caller: ANONYMOUS,
  permission: PERMISSIONS.start,
  resource: "projects/p",
  method: "pack",
};

/** The events for a call that ended with an error, or without one. */
function toldOf(error: unknown): readonly EventFields<"call.ended">[] {
  const told: EventFields<"call.ended">[] = [];
  toldCalls({ "call.ended": (fields) => void told.push(fields) }).ended(call, { error, durationMs: 5 });
  return told;
}

const facts = {
  verb: "start",
  principal: "anonymous",
  resource: "projects/p",
  method: "pack",
  durationMs: 5,
};

describe("toldCalls()", () => {
  it("reports a call that was answered, refused, or failed by a bug, once", () => {
    assert.deepEqual(toldOf(undefined), [{ ...facts, code: "OK", reason: undefined }]);
    assert.deepEqual(toldOf(serviceError("NAME_INVALID", "No.")), [
      { ...facts, code: "INVALID_ARGUMENT", reason: "NAME_INVALID" },
    ]);
    assert.deepEqual(toldOf(new TypeError("a bug")), [{ ...facts, code: "INTERNAL", reason: undefined }]);
  });

  it("does nothing if nobody listens", () => {
    toldCalls({}).ended(call, { error: undefined, durationMs: 5 });
  });
});
