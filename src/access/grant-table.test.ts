import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { collectionOf, includesParent, narrowedTo } from "../core/operation/collection.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { GrantAuthorizer } from "./authorizer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { type GrantRules, GrantTable } from "./grant-table.ts";
import type { Grant } from "./grants.ts";

const MEMBERS = ["user:ada", "user:bob", "group:a", "group:b", "allAuthenticated", "all"];
const PARENTS = ["", "a", "a/b", "a/b/c", "a/bc", "ab", "b", "b/b"];
const METHODS = ["start", "stop"];
const SOME: readonly Permission[] = [PERMISSIONS.start, PERMISSIONS.get, PERMISSIONS.list];

const NO_GROUPS: readonly string[] = [];
const GROUP_A: readonly string[] = ["group:a"];

const aGrant: fc.Arbitrary<Grant> = fc.record({
  members: fc.subarray(MEMBERS, { minLength: 1, maxLength: 3 }),
  permissions: fc.subarray([...SOME], { minLength: 1 }).map((each) => new Set(each)),
  parent: fc.constantFrom(...PARENTS).map((each) => (each === "" ? [] : each.split("/"))),
  methods: fc.option(
    fc.subarray(METHODS, { minLength: 1 }).map((each) => new Set(each)),
    { nil: undefined, freq: 4 },
  ),
  place: fc.constant({ path: "", line: 1 }),
});
const someRules: fc.Arbitrary<GrantRules> = fc.record({
  grants: fc.array(aGrant, { maxLength: 6 }),
  groups: fc.constantFrom(new Map(), new Map([["group:b", ["user:bob"]]])),
  quotas: fc.constant([]),
});
const aCaller: fc.Arbitrary<Caller> = fc
  .record({
    principal: fc.constantFrom("user:ada", "user:bob", "anonymous"),
    // The same lists for all callers, as with keys whose records name no groups.
    groups: fc.constantFrom(NO_GROUPS, GROUP_A),
  })
  .map((each) => ({ ...ANONYMOUS, ...each }));
const aResource = fc
  .tuple(fc.constantFrom(...PARENTS), fc.boolean())
  .map(([parent, isName]) => (isName ? `${parent === "" ? "" : `${parent}/`}operations/x` : parent));

/** Whether rules permit a call, determined by examining all of them. */
function permits({ grants, groups }: GrantRules, { caller, permission, resource, method }: Call): boolean {
  const { principal } = caller;
  const parent = resource.replace(/\/?operations\/x$/, "");
  const named = [...groups].filter(([, members]) => members.includes(principal)).map(([group]) => group);
  const known = principal === "anonymous" ? [] : [principal, ...caller.groups, ...named, "allAuthenticated"];
  return grants.some(
    (grant) =>
      grant.members.some((each) => [...known, "all"].includes(each)) &&
      grant.permissions.has(permission) &&
      `${parent}/`.startsWith(grant.parent.map((each) => `${each}/`).join("")) &&
      (grant.methods === undefined || (method !== undefined && grant.methods.has(method))),
  );
}

describe("GrantTable", () => {
  it("permits exactly what a walk over all grants permits", () => {
    let permitted = 0;
    const asked = fc.record({
      permission: fc.constantFrom(...SOME),
      resource: aResource,
      method: fc.option(fc.constantFrom(...METHODS), { nil: undefined }),
    });
    const callers = fc.array(aCaller, { minLength: 3, maxLength: 3 });
    const clock = new ManualClock();
    fc.assert(
      fc.property(someRules, callers, fc.tuple(asked, asked), (rules, several, [one, other]) => {
        // One table, which keeps verdicts.
        const table = new GrantTable(rules);
        const calls = [one, other, one].flatMap((each) => several.map((caller) => [caller, each] as const));
        for (const [caller, { method, ...about }] of calls) {
          const call: Call = { caller, ...about, ...(method === undefined ? {} : { method }) };
          const expected = permits(rules, call);
          assert.equal(table.find(call, clock) !== undefined, expected);
          permitted += expected ? 1 : 0;
          // A call permitted here is also permitted somewhere.
          assert.ok(!expected || table.permitsSomewhere(call));
        }
      }),
      { numRuns: 500 },
    );
    assert.ok(permitted > 450 && permitted < 4_050, `${permitted} of 4500 are permitted`);
  });

  it("does not reuse a verdict for another principal, other groups, another permission or another resource", () => {
    const place = { path: "", line: 1 };
    const permissions = new Set([PERMISSIONS.get]);
    const members = ["user:ada", "group:a"];
    const grants: Grant[] = [{ members, permissions, parent: ["a"], methods: undefined, place }];
    const table = new GrantTable({ grants, groups: new Map() });
    const clock = new ManualClock();
    const ada: Caller = { ...ANONYMOUS, principal: "user:ada", groups: NO_GROUPS };
    const bob: Caller = { ...ada, principal: "user:bob" };
    const bobOfGroup: Caller = { ...bob, groups: GROUP_A };
    const call: Call = { caller: ada, permission: PERMISSIONS.get, resource: "a/operations/x" };
    const allowed = [call, { ...call, caller: bobOfGroup }];
    const refused = [
      { ...call, caller: bob },
      { ...call, permission: PERMISSIONS.list },
      { ...call, resource: "b/operations/x" },
    ];
    for (const before of allowed) {
      for (const after of refused) {
        assert.ok(table.find(before, clock) !== undefined);
        assert.equal(table.find(after, clock), undefined);
      }
    }
  });

  it("has a permission somewhere if a grant of the caller gives it, whatever else the grant requires", () => {
    fc.assert(
      fc.property(someRules, aCaller, fc.subarray([...SOME]), (rules, caller, permissions) => {
        const anywhere = {
          ...rules,
          grants: rules.grants.map((grant) => ({ ...grant, methods: undefined, parent: [] })),
        };
        const expected = permissions.some((permission) =>
          permits(anywhere, { caller, permission, resource: "" }),
        );
        assert.equal(new GrantTable(rules).hasSomewhere(caller, permissions), expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("narrows a list over several collections to the parents that the caller may list one by one", () => {
    let narrowed = 0;
    const asked = fc.constantFrom("-", "a/-", "-/b", "-/-", "a/-/c", "a/b/-", "-/b/-");
    fc.assert(
      fc.property(someRules, aCaller, asked, (rules, caller, resource) => {
        const call: Call = { caller, permission: PERMISSIONS.list, resource };
        const authorizer = new GrantAuthorizer(rules, new ManualClock());
        const wide = collectionOf(resource);
        const seen = PARENTS.filter(
          (parent) => includesParent(wide, parent) && permits(rules, { ...call, resource: parent }),
        );
        const within = authorizer.parentsOf(call);
        const shown = PARENTS.filter((parent) => includesParent(narrowedTo(wide, within), parent));
        assert.deepEqual(shown, seen);
        narrowed += within !== undefined && seen.length > 0 ? 1 : 0;
        // A caller that sees a collection is not rejected.
        if (seen.length > 0) assert.doesNotThrow(() => authorizer.authorize(call));
        if (within?.length === 0) assert.throws(() => authorizer.authorize(call));
      }),
      { numRuns: 2_000 },
    );
    assert.ok(narrowed > 100, `${narrowed} are narrowed`);
  });
});
