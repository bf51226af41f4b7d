import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import {
  type Access,
  checkAction,
  checkWithin,
  FULL_ACCESS,
  isWithin,
  narrowed,
  READ_ACCESS,
} from "./access.ts";

const scoped = (parent: string): Access => ({ ...FULL_ACCESS, scope: collectionOf(parent) });

describe("checkAction()", () => {
  it("refuses an action that is not allowed, and lists the allowed ones", () => {
    checkAction(FULL_ACCESS, "delete");
    assert.throws(() => checkAction(READ_ACCESS, "delete"), {
      code: "PERMISSION_DENIED",
      reason: "ADMIN_READ_ONLY",
      message: "This operator may look, and not delete.",
    });
    const some: Access = { actions: new Set(["cancel"]) };
    checkAction(some, "cancel");
    assert.throws(() => checkAction(some, "bulk"), {
      message: "This operator may look and cancel, and not bulk.",
    });
  });
});

describe("isWithin()", () => {
  it("sees everything without a scope, and otherwise the contents of the scope", () => {
    assert.ok(isWithin(FULL_ACCESS, "projects/other"));
    assert.ok(isWithin(scoped("projects/acme/-"), "projects/acme/x"));
    assert.ok(!isWithin(scoped("projects/acme/-"), "projects/other/x"));
    assert.ok(!isWithin(scoped("projects/acme/-"), ""));
  });
});

describe("checkWithin()", () => {
  it("refuses actions outside of the scope", () => {
    checkWithin(scoped("projects/acme"), "projects/acme");
    assert.throws(() => checkWithin(scoped("projects/acme"), "projects/b"), {
      reason: "ADMIN_COLLECTION_REFUSED",
    });
  });
});

describe("narrowed()", () => {
  it("is the part of the request that is visible", () => {
    const cases: readonly (readonly [scope: string | undefined, asked: string, both: string | undefined])[] =
      [
        [undefined, "", "-"],
        [undefined, "operations", ""],
        [undefined, "projects/a", "projects/a"],
        ["-", "projects/-", "projects/-"],
        ["projects/acme/-", "", "projects/acme/-"],
        ["projects/acme/-", "-", "projects/acme/-"],
        ["projects/acme/-", "projects/-/x", "projects/acme/x"],
        ["projects/acme/-", "projects/-/-", "projects/acme/-"],
        ["projects/acme/-", "projects/other/x", undefined],
        ["projects/acme/-", "projects/acme", undefined],
        ["projects/acme", "operations", undefined],
      ];
    for (const [scope, asked, both] of cases) {
      const access = scope === undefined ? FULL_ACCESS : scoped(scope);
      assert.equal(narrowed(access, asked)?.parent, both, `${scope} and ${asked}`);
    }
  });
});
