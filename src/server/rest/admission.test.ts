import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { type Permission, PERMISSIONS } from "../../core/permission.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import { admittedRoute, refusalBefore } from "./admission.ts";
import type { RestRequest } from "./request.ts";

const REFUSED = new StatusError("UNAUTHENTICATED", "No.", { reason: "CREDENTIALS_MISSING" });
const ADA: Caller = { ...ANONYMOUS, principal: "user:ada" };

/** Operations for which callers without credentials have some permissions. */
function gate(...allowed: readonly Permission[]) {
  const asked: Omit<Call, "caller">[] = [];
  return {
    asked,
    asksBefore: ({ principal }: Caller) => principal === ANONYMOUS.principal,
    admit: ({ caller, ...call }: Call, permissions: readonly Permission[] = [call.permission]) => {
      assert.equal(caller, ANONYMOUS);
      asked.push(call);
      return permissions.some((each) => allowed.includes(each)) ? undefined : Promise.reject(REFUSED);
    },
  };
}

const routes = { versions: new Set(["v1"]) };
const route = (operations: ReturnType<typeof gate>, method: string, path: string, caller = ANONYMOUS) =>
  admittedRoute({ operations, routes }, { caller, method, path });

suite("admittedRoute()", () => {
  test("authorizes a caller without credentials for the route, and no other caller", async () => {
    const operations = gate(PERMISSIONS.get);
    assert.deepEqual(await route(operations, "GET", "/v1/projects/p/operations/x"), {
      call: "get",
      name: "projects/p/operations/x",
    });
    await assert.rejects(async () => route(operations, "POST", "/v1/projects/p:copy"), REFUSED);
    await assert.rejects(async () => route(operations, "GET", "/v1/projects/p/operations:watch"), REFUSED);
    assert.deepEqual(operations.asked, [
      { permission: PERMISSIONS.get, resource: "projects/p/operations/x" },
      { permission: PERMISSIONS.start, resource: "projects/p", method: "copy" },
      { permission: PERMISSIONS.watch, resource: "projects/p", rpc: "WatchOperations" },
    ]);
    await route(operations, "POST", "/v1/projects/p:copy", ADA);
    await route(operations, "POST", "/batch");
    assert.equal(operations.asked.length, 3);
  });

  test("reports an unknown address only to callers that may do anything, or are known", async () => {
    const missing = { reason: "PATH_NOT_FOUND" };
    await assert.rejects(async () => route(gate(), "GET", "/v1/x"), REFUSED);
    await assert.rejects(async () => route(gate(), "OPTIONS", "/v1/operations"), REFUSED);
    await assert.rejects(async () => route(gate(PERMISSIONS.wait), "GET", "/v1/x"), missing);
    await assert.rejects(async () => route(gate(), "GET", "/v1/x", ADA), missing);
  });
});

const from = (caller: RestRequest["caller"]) => ({ caller }) as RestRequest;

suite("refusalBefore()", () => {
  const error = new StatusError("INVALID_ARGUMENT", "Wrong.");

  test("is the refusal of credentials first, then of the caller, then of the request", async () => {
    const wrong = new StatusError("INVALID_ARGUMENT", "A key that is none.");
    assert.equal(
      await refusalBefore(
        gate(),
        from(() => Promise.reject(wrong)),
        error,
      ),
      wrong,
    );
    assert.equal(
      await refusalBefore(
        gate(),
        from(() => ANONYMOUS),
        error,
      ),
      REFUSED,
    );
    assert.equal(
      await refusalBefore(
        gate(PERMISSIONS.get),
        from(() => ANONYMOUS),
        error,
      ),
      error,
    );
  });
});
