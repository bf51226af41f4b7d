import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { checkAccess, openAccess, policyOf } from "./access.ts";

test("options of access are checked by name", () => {
  checkAccess("access", { rules: "access.yaml", authenticate: () => undefined });
  for (const [value, message] of [
    [[], /^TypeError: access: expected an object such as/],
    [{ rule: "access.yaml" }, /^TypeError: access: there is no option "rule" \(did you mean "rules"\?\)/],
    [{ authenticate: "bearer" }, /^TypeError: access.authenticate: expected a function such as/],
    [{ authorize: true }, /^TypeError: access.authorize: expected a function such as/],
    [{ rules: "access.yaml", authorize: () => true }, /rules and authorize both say what callers may do/],
  ] as const)
    assert.throws(() => checkAccess("access", value), message);
});

test("without options there are no ports, and nobody is asked who calls", async () => {
  assert.equal(await openAccess(undefined), undefined);
  assert.equal(policyOf({ audit: undefined, access: undefined, quotas: undefined }), undefined);
  const onlyCallers = await openAccess({ authenticate: () => undefined });
  assert.deepEqual(policyOf({ audit: undefined, access: onlyCallers, quotas: undefined }), {});
});

test("a function of the program's says who calls, and no more", async () => {
  const ada = { principal: "user:ada", tenant: "projects/a", groups: ["group:a"] };
  const sender = { headers: { traceparent: "00-1", "x-goog-user-project": "p" }, socket: undefined };
  const sent = { ...ANONYMOUS, traceparent: "00-1", quotaProject: "p" };
  for (const [said, expected] of [
    [ada, { ...sent, ...ada }],
    [{ principal: "user:bob" }, { ...sent, principal: "user:bob" }],
    [undefined, sent],
  ] as const) {
    const opened = await openAccess({ authenticate: () => said });
    assert.deepEqual(opened?.authenticate(sender), expected);
    const later = await openAccess({ authenticate: async () => said });
    assert.deepEqual(await later?.authenticate(sender), expected);
  }
});
