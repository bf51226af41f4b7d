import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import type { Sender } from "../../core/ports/authenticate.ts";
import { anonymously } from "../authenticate.ts";
import { type AccessAnswer, admittedBy, admittedBySettings } from "./access.ts";

const from = (headers: Sender["headers"] = {}): Sender => ({ headers, socket: undefined });

const admitted = (answer: AccessAnswer) => admittedBy(() => answer, anonymously)(from());

describe("admittedBy()", () => {
  it("makes a caller an operator as the program says", async () => {
    assert.equal((await admitted("full")).access.actions.size, 8);
    assert.equal((await admitted("read")).access.actions.size, 0);
    assert.deepEqual([...(await admitted(["cancel", "delete"])).access.actions], ["cancel", "delete"]);
    const scoped = await admitted({ may: ["cancel"], collection: "projects/acme/-" });
    assert.deepEqual([...scoped.access.actions], ["cancel"]);
    assert.deepEqual(scoped.access.scope, { parent: "projects/acme/-", isWide: true });
    assert.equal((await admitted({ may: "full" })).access.scope, undefined);
    assert.equal((await admitted("read")).principal, "anonymous");
  });

  it("refuses a caller to whom the program grants nothing, and passes its refusals on", async () => {
    await assert.rejects(admitted(undefined), { reason: "ADMIN_REFUSED", code: "PERMISSION_DENIED" });
    const refusing = admittedBy(() => {
      throw new StatusError("UNAUTHENTICATED", "Who are you?");
    }, anonymously);
    await assert.rejects(refusing(from()), { code: "UNAUTHENTICATED" });
  });

  it("accepts only valid access values, so that a mistake grants nothing", async () => {
    for (const odd of ["FULL", true, null, ["everything"], { may: "all" }, {}, 1]) {
      await assert.rejects(admitted(odd as never), TypeError, JSON.stringify(odd));
    }
  });
});

describe("admittedBySettings()", () => {
  it("requires the exact token", async () => {
    const admit = admittedBySettings({ level: "full", token: "0123456789abcdef" }, anonymously);
    const operator = await admit(from({ authorization: "Bearer 0123456789abcdef" }));
    assert.equal(operator.access.actions.size, 8);
    const others = [
      undefined,
      "",
      "Bearer",
      "Bearer 0123456789abcde",
      "Bearer 0123456789abcdefg",
      "Bearer 0123456789ABCDEF",
      "Basic 0123456789abcdef",
      "0123456789abcdef",
    ];
    for (const authorization of others) {
      assert.throws(() => admit(from(authorization === undefined ? {} : { authorization })), {
        code: "UNAUTHENTICATED",
        reason: "ADMIN_TOKEN_INVALID",
      });
    }
  });

  it("requires nothing if there is no token", async () => {
    assert.equal((await admittedBySettings({ level: "read" }, anonymously)(from())).access.actions.size, 0);
  });

  it("waits for a caller that has to be looked up", async () => {
    const later = admittedBySettings({ level: "read" }, (sender) =>
      Promise.resolve(anonymously(sender) as never),
    );
    assert.equal((await later(from())).access.actions.size, 0);
  });
});
