import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "./limits.ts";
import { checkParent } from "./operation/name.ts";
import { ANONYMOUS, callbackUrlOf, callerOf, callerText, IN_PROCESS } from "./caller.ts";

test("the anonymous caller and the process's own caller are different, and have no other fields", () => {
  assert.notEqual(ANONYMOUS.principal, IN_PROCESS.principal);
  for (const caller of [ANONYMOUS, IN_PROCESS]) {
    const { principal: _principal, ...others } = caller;
    assert.deepEqual(others, { tenant: null, groups: [], quotaProject: undefined, traceparent: undefined });
  }
});

test("callerOf() returns the principal and the tenant, and null for a record without them", () => {
  const caller = { ...ANONYMOUS, principal: "user:ada@example.com", tenant: "projects/p", groups: ["g"] };
  assert.deepEqual(callerOf(callerText(caller)), {
    principal: "user:ada@example.com",
    tenant: "projects/p",
  });
  assert.equal(callerOf(null), null);
});

test("callerText() keeps the caller's callback, and callerOf() does not return it", () => {
  const url = 'https://example.com/?a="callbackUrl":"b"&"tenant":"projects/q"';
  for (const tenant of [null, "projects/p"]) {
    const text = callerText({ principal: "anonymous", tenant }, url);
    assert.equal(callbackUrlOf(text), url);
    assert.deepEqual(callerOf(text), { principal: "anonymous", tenant });
    assert.equal(/"tenant":"([^"]*)"/.exec(text)?.[1], tenant ?? undefined, "as the stores read it");
    assert.equal(callbackUrlOf(callerText({ principal: "anonymous", tenant })), undefined);
  }
  assert.equal(callbackUrlOf(null), undefined);
});

test("callerOf() recognises the anonymous caller, in the form of this version and of earlier ones", () => {
  const identity = { principal: "anonymous", tenant: null };
  assert.deepEqual(callerOf(callerText(ANONYMOUS)), identity);
  assert.deepEqual(callerOf(JSON.stringify(identity)), identity);
  assert.equal(callerText(ANONYMOUS), "null", "which earlier versions read as a caller that is not known");
  const ofTenant = { ...identity, tenant: "projects/p" };
  assert.deepEqual(callerOf(callerText(ofTenant)), ofTenant);
});

test("callerText() accepts principals and tenants up to the maximum of characters", () => {
  const longest = "ä".repeat(LIMITS.callerLengthMax);
  const both = { principal: longest, tenant: longest };
  assert.deepEqual(callerOf(callerText(both)), both);
  const beyond = `${longest}x`;
  for (const [name, identity] of [
    ["principal", { ...both, principal: beyond }],
    ["tenant", { ...both, tenant: beyond }],
  ] as const)
    assert.throws(() => callerText(identity), {
      name: "TypeError",
      message: `The ${name} of a caller has 1025 characters; what authenticates callers may give 1024 at most`,
    });
});

test("callerText() accepts the longest parent as a tenant, and no tenant that an index cannot hold", () => {
  const wide = Math.floor((LIMITS.nameBytesMax - LIMITS.nameLengthMax) / 3);
  const parent = checkParent("😀".repeat(wide) + "a".repeat(LIMITS.nameLengthMax - wide));
  assert.ok(parent.length > LIMITS.callerLengthMax, "it has more code units");
  const caller = { principal: "user:a", tenant: parent };
  assert.deepEqual(callerOf(callerText(caller)), caller);
  assert.throws(() => callerText({ ...caller, tenant: "語".repeat(683) }), {
    name: "TypeError",
    message: `The tenant of a caller has 2049 bytes in UTF-8; what authenticates callers may give 2048 at most`,
  });
});
