import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import { admitting, gateOf, neededBy } from "./admission.ts";

const REFUSED = new StatusError("UNAUTHENTICATED", "No.");
const ADA: Caller = { ...ANONYMOUS, principal: "user:ada" };
const sender = { headers: {}, socket: undefined };

function gate() {
  const asked: Call[] = [];
  const operations = {
    asksBefore: (caller: Caller) => caller === ANONYMOUS,
    admit: (call: Call) => {
      asked.push(call);
      return call.permission === PERMISSIONS.get ? undefined : Promise.reject(REFUSED);
    },
  };
  return { asked, operations };
}

suite("admitting()", () => {
  test("refuses a caller without credentials that may make no such call, whether it was known at once or later", async () => {
    const { asked, operations } = gate();
    const start = gateOf(operations, { permission: neededBy("StartOperations") });
    for (const made of [ANONYMOUS, Promise.resolve(ANONYMOUS)])
      await assert.rejects(async () => admitting(() => made, start)(sender), REFUSED);
    assert.deepEqual(
      asked.map(({ permission, resource }) => [permission, resource]),
      Array.from({ length: 2 }, () => [PERMISSIONS.start, ""]),
    );
  });

  test("passes an allowed caller on, at once if it is known at once", async () => {
    const { operations } = gate();
    const get = gateOf(operations, { permission: neededBy("GetOperation") });
    assert.equal(admitting(() => ANONYMOUS, get)(sender), ANONYMOUS);
    const list = gateOf(operations, { permission: neededBy("ListOperations") });
    assert.equal(admitting(() => ADA, list)(sender), ADA);
    assert.equal(await admitting(() => Promise.resolve(ADA), list)(sender), ADA);
  });
});

suite("neededBy()", () => {
  test("knows every method, and treats an unknown one as a bug", () => {
    assert.equal(neededBy("WatchOperation"), PERMISSIONS.watch);
    assert.throws(() => neededBy("Nothing"), /each method needs a permission/);
  });
});
