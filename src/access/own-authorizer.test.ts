import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, IN_PROCESS } from "../core/caller.ts";
import { PERMISSIONS } from "../core/permission.ts";
import { OwnAuthorizer } from "./own-authorizer.ts";

const call = {
  caller: { ...ANONYMOUS, principal: "user:ada" },
  permission: PERMISSIONS.get,
  resource: "operations/x",
};

describe("OwnAuthorizer", () => {
  it("decides as the function says, and does not call it for the program's own calls", async () => {
    assert.equal(new OwnAuthorizer(() => true).authorize(call), undefined);
    assert.equal(new OwnAuthorizer(() => false).authorize({ ...call, caller: IN_PROCESS }), undefined);
    assert.throws(() => new OwnAuthorizer(() => false).authorize(call), { reason: "IAM_PERMISSION_DENIED" });
    await new OwnAuthorizer(async () => true).authorize(call);
    await assert.rejects(async () => new OwnAuthorizer(async () => false).authorize(call), {
      reason: "IAM_PERMISSION_DENIED",
    });
  });

  it("reuses cached answers as long as the function answers at once", () => {
    let answer: boolean | Promise<boolean> = true;
    const authorizer = new OwnAuthorizer(() => answer);
    void authorizer.authorize(call);
    assert.equal(authorizer.viewOf(), "");
    answer = Promise.resolve(true);
    void authorizer.authorize(call);
    assert.equal(authorizer.viewOf(), undefined);
  });

  it("accepts only true as true", () => {
    assert.throws(() => new OwnAuthorizer((() => undefined) as never).authorize(call), TypeError);
    assert.throws(() => new OwnAuthorizer((() => "yes") as never).authorize(call), TypeError);
  });
});
