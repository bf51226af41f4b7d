import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller, IN_PROCESS } from "../core/caller.ts";
import { checkParent } from "../core/operation/name.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { GrantAuthorizer } from "./authorizer.ts";
import { OwnAuthorizer } from "./own-authorizer.ts";
import { OwnCollections, ownCollection } from "./own-collections.ts";
import { parseRules } from "./rules.ts";

const ADA: Caller = { ...ANONYMOUS, principal: "user:ada@example.com" };
const BOB: Caller = { ...ANONYMOUS, principal: "user:bob@example.com" };
const EVE: Caller = { ...ANONYMOUS, principal: "user:eve@example.com" };

const GRANTS = [
  { members: ["all"], role: "caller", parent: "*" },
  { members: [BOB.principal], role: "operator", parent: "*" },
];

const { get, list, start, cancel, wait, watch } = PERMISSIONS;
const remove = PERMISSIONS.delete;
const DENIED = { reason: "IAM_PERMISSION_DENIED" };

const call = (caller: Caller, resource: string, permission: Permission): Call => ({
  caller,
  resource,
  permission,
});

const own = (caller: Caller): string => `${ownCollection(caller)}/operations/x`;

const OUTSIDE = [
  "",
  "-",
  "operations",
  "operations/x",
  "callers",
  "callers/-",
  `${ownCollection(BOB)}/operations/x`,
  `${ownCollection(ADA)}/more/operations/x`,
  `operations/${ownCollection(BOB)}/operations/x`,
  `${ownCollection(ADA)}x/operations/x`,
];

describe("ownCollection()", () => {
  it("is a parent for exactly one principal and tenant", () => {
    const others = [ADA, BOB, { ...ADA, tenant: "projects/a" }, ANONYMOUS].map(ownCollection);
    assert.equal(new Set(others).size, others.length);
    for (const each of others) assert.equal(checkParent(each), each);
    assert.equal(ownCollection({ ...ADA, groups: ["group:a"] } as Caller), ownCollection(ADA));
  });
});

describe("OwnCollections", () => {
  it("allows callers in their own collection what the rules allow, and nothing elsewhere", async () => {
    const rules = new GrantAuthorizer(
      await parseRules(JSON.stringify({ grants: GRANTS }), "f"),
      new ManualClock(),
    );
    const gate = new OwnCollections(rules);
    const mine = ownCollection(ADA);
    for (const permission of [get, list, start, cancel, remove, wait, watch]) {
      for (const resource of [mine, `${mine}/operations`, `${mine}/operations/x`])
        assert.equal(gate.authorize(call(ADA, resource, permission)), undefined);
      for (const resource of OUTSIDE) {
        assert.throws(() => gate.authorize(call(ADA, resource, permission)), DENIED, resource);
        assert.equal(gate.authorize(call(BOB, resource, permission)), undefined);
        assert.equal(gate.authorize(call(IN_PROCESS, resource, permission)), undefined);
      }
    }
    assert.equal(gate.authorize(call(ADA, "", PERMISSIONS.discover)), undefined);
    assert.throws(() => gate.authorize(call(ADA, "", PERMISSIONS.adminRead)), DENIED);
  });

  it("consults slow rules, and allows nothing that they do not allow", async () => {
    const operators = new OwnCollections(
      new OwnAuthorizer(async ({ caller, permission }) => caller === BOB && permission !== start),
    );
    await assert.rejects(async () => operators.authorize(call(ADA, own(BOB), get)), DENIED);
    await assert.rejects(async () => operators.authorize(call(ADA, own(ADA), get)), DENIED);
    assert.equal(await operators.authorize(call(BOB, own(ADA), get)), undefined);
    await assert.rejects(async () => operators.authorize(call(BOB, own(ADA), start)), DENIED);
    const broken = new OwnCollections(new OwnAuthorizer(() => "yes" as unknown as boolean));
    assert.throws(() => broken.authorize(call(ADA, own(BOB), get)), TypeError);
  });

  it("passes everything else on", async () => {
    const asked: unknown[] = [];
    const gate = new OwnCollections({
      authorize: () => undefined,
      viewOf: ({ principal }) => principal,
      endsByTime: ({ permission }) => permission === PERMISSIONS.adminRead,
      authorizeSomewhere: (each) => void asked.push(each),
      parentsOf: () => ["a"],
      concealed: () => undefined,
    });
    const outside = call(EVE, "operations/x", wait);
    gate.authorizeSomewhere(outside);
    assert.deepEqual(asked, [outside]);
    assert.deepEqual([gate.viewOf(EVE), gate.parentsOf(outside)], [EVE.principal, ["a"]]);
    // An operator's rights may be limited in time.
    assert.equal(gate.endsByTime(outside), true);
    assert.equal(gate.endsByTime(call(EVE, ownCollection(EVE), wait)), false);
    assert.equal(gate.concealed(outside), undefined);
  });
});
