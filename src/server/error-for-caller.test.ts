import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceError, StatusError } from "../core/error/error.ts";
import { tellLog } from "../core/event-log.ts";
import type { LogFields } from "../core/ports/log.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { forCaller } from "./error-for-caller.ts";

const logged: { readonly message: string; readonly fields: LogFields | undefined }[] = [];
const note = (message: string, fields?: LogFields): void => void logged.push({ message, fields });
const service = {
  tell: tellLog({ debug: note, info: note, warn: note, error: note }),
  random: seededRandom(1),
};

const call = { method: "GET", path: "/x" };

describe("forCaller()", () => {
  it("returns an error for callers unchanged, and logs its cause only if it is our own fault", () => {
    const theirs = serviceError("NAME_INVALID", "No.", { cause: new Error("secret") });
    assert.equal(forCaller(theirs, service, call), theirs);
    assert.equal(logged.length, 0);
    const cause = new Error("disk");
    const ours = serviceError("STORE_UNAVAILABLE", "Away.", { cause });
    assert.equal(forCaller(ours, service, call), ours);
    assert.equal(logged.pop()?.fields?.["error"], "disk");
    const bug = new StatusError("INTERNAL", "Broken.", { cause });
    forCaller(bug, service, call);
    assert.equal(logged.pop()?.fields?.["error"], cause);
  });

  it("hides anything else behind an id, under which the log has it", () => {
    const error = new TypeError("what nobody outside may read");
    const shown = forCaller(error, service, call);
    assert.ok(shown instanceof StatusError);
    assert.equal(shown.code, "INTERNAL");
    assert.doesNotMatch(shown.message, /nobody/);
    const { fields } = logged.pop() ?? assert.fail("expected a line");
    assert.equal(fields?.["error"], error);
    assert.equal(fields?.["path"], "/x");
    assert.equal(fields?.["requestId"], shown.metadata["requestId"]);
  });
});
