import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS, callerOf, callerText, IN_PROCESS } from "./caller.ts";

test("the anonymous caller and the process's own are told apart, and have nothing else", () => {
  assert.notEqual(ANONYMOUS.principal, IN_PROCESS.principal);
  for (const caller of [ANONYMOUS, IN_PROCESS]) {
    const { principal: _principal, ...others } = caller;
    assert.deepEqual(others, { tenant: null, groups: [], quotaProject: undefined, traceparent: undefined });
  }
});

test("callerOf() gives back the principal and the tenant, and nobody for a record that has none", () => {
  const caller = { ...ANONYMOUS, principal: "user:ada@example.com", tenant: "projects/p", groups: ["g"] };
  assert.deepEqual(callerOf(callerText(caller)), {
    principal: "user:ada@example.com",
    tenant: "projects/p",
  });
  assert.equal(callerOf(null), null);
});
