import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { parseRules, type Rules } from "../access/rules.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { openStore } from "../store/open.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { silence } from "../core/events.ts";
import { type AccessOptions, checkAccess, openAccess, policyOf, readAccess } from "./access.ts";

async function opened(options: AccessOptions | undefined) {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: silence });
  const access = await openAccess(await readAccess(options), { store, clock });
  await store.close();
  return access;
}

test("options of access are checked by name", () => {
  checkAccess("access", { rules: "access.yaml", authenticate: () => undefined });
  for (const [value, message] of [
    [[], /^TypeError: access: expected an object such as/],
    [{ rule: "access.yaml" }, /^TypeError: access: there is no option "rule" \(did you mean "rules"\?\)/],
    [{ authenticate: "bearer" }, /^TypeError: access.authenticate: expected a function such as/],
    [{ tenants: "projects/*" }, /^TypeError: access.tenants: expected a list of texts such as/],
    [{ rules: "access.yaml", tenants: [] }, /rules and tenants both say who the tenants are/],
    [{ authorize: true }, /^TypeError: access.authorize: expected a function such as/],
    [{ rules: "access.yaml", authorize: () => true }, /rules and authorize both say what callers may do/],
  ] as const)
    assert.throws(() => checkAccess("access", value), message);
});

/** Rules with one pattern of tenants. */
const rulesOf = (tenant: string): Promise<Rules> =>
  parseRules(`{grants: [], tenants: ["${tenant}/*"]}`, "access.yaml");

test("after overlapping reloads, the rules of the last reload apply", async () => {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random: seededRandom(1), tell: silence });
  const reads: PromiseWithResolvers<Rules>[] = [];
  const load = (): Promise<Rules> => {
    reads.push(Promise.withResolvers<Rules>());
    return reads.at(-1)?.promise ?? assert.fail();
  };
  const read = { options: { rules: "access.yaml" }, rules: await rulesOf("a") };
  const access = (await openAccess(read, { store, clock, load })) ?? assert.fail();
  const first = access.reload();
  await settled();
  const others = [access.reload(), access.reload()];
  await settled();
  assert.equal(reads.length, 1, "one at a time");
  reads[0]?.reject(new TypeError("no rules"));
  await assert.rejects(first, /no rules/);
  assert.equal(access.tenants?.of("a/x"), "a/x", "and then the old ones stay");
  await settled();
  reads[1]?.resolve(await rulesOf("b"));
  await Promise.all(others);
  assert.deepEqual([reads.length, access.tenants?.of("b/x"), access.tenants?.of("a/x")], [2, "b/x", null]);
  access.stop();
  await store.close();
});

test("without options there are no ports, and callers are not identified", async () => {
  assert.equal(await opened(undefined), undefined);
  assert.equal(policyOf({ audit: undefined, access: undefined, quotas: undefined }), undefined);
  const onlyCallers = await opened({ authenticate: () => undefined });
  assert.deepEqual(policyOf({ audit: undefined, access: onlyCallers, quotas: undefined }), {});
});

test("a function that returns no caller by mistake gets an error that says so", async () => {
  const wrong = await opened({ authenticate: () => ({ principal: "" }) });
  assert.throws(
    () => wrong?.authenticate({ headers: {}, socket: undefined }),
    /expected a principal such as/,
  );
});

test("a function of the program identifies the caller, and does nothing else", async () => {
  const ada = { principal: "user:ada", tenant: "projects/a", groups: ["group:a"] };
  const sender = { headers: { traceparent: "00-1", "x-goog-user-project": "p" }, socket: undefined };
  const sent = { ...ANONYMOUS, traceparent: "00-1", quotaProject: "p" };
  for (const [said, expected] of [
    [ada, { ...sent, ...ada }],
    [{ principal: "user:bob" }, { ...sent, principal: "user:bob" }],
    [undefined, sent],
  ] as const) {
    const atOnce = await opened({ authenticate: () => said });
    assert.deepEqual(atOnce?.authenticate(sender), expected);
    const later = await opened({ authenticate: async () => said });
    assert.deepEqual(await later?.authenticate(sender), expected);
  }
});
