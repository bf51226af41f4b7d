import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller, IN_PROCESS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { isRead, type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { parseRate, type QuotaRule, type QuotaSubject, type RateMetric } from "../core/quota.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { metricOf, RateQuotas } from "./quotas.ts";

function ruleOf(of: QuotaSubject, rates: Partial<Record<RateMetric, string>>, only?: string[]): QuotaRule {
  const parsed = Object.entries(rates).map(([metric, text]) => [metric, parseRate(text)]);
  return { of, only: only === undefined ? undefined : new Set(only), rates: Object.fromEntries(parsed) };
}

function open(rules: readonly QuotaRule[], processes = 1, unfinished = 0) {
  const clock = new ManualClock();
  const quotas = new RateQuotas({
    rules: () => rules,
    service: "s",
    clock,
    processes: () => processes,
    unfinished: async () => unfinished,
  });
  /** The number of consecutive calls that are allowed. */
  const allowed = (caller: Partial<Caller>, permission: Permission = PERMISSIONS.get): number => {
    let count = 0;
    while (count < 100 && quotas.passes(callOf(caller, permission))) count++;
    return count;
  };
  return { clock, quotas, allowed };
}

const callOf = (caller: Partial<Caller>, permission: Permission = PERMISSIONS.get): Call => ({
  caller: { ...ANONYMOUS, principal: "user:ada", ...caller },
  permission,
  resource: "operations/a",
});

/** A caller without a principal. */
const from = (ip: string | undefined) => ({ ...ANONYMOUS, sender: { ip, userAgent: undefined } });

describe("RateQuotas", () => {
  it("counts reads, writes and waits separately", () => {
    const { allowed } = open([ruleOf("principal", { read: "3/h", write: "2/h", wait: "1/h" })]);
    assert.deepEqual(
      [PERMISSIONS.get, PERMISSIONS.start, PERMISSIONS.wait].map((each) => allowed({}, each)),
      [3, 2, 1],
    );
    assert.equal(allowed({}, PERMISSIONS.list), 0, "a list is a read like a get");
    const metrics = Object.values(PERMISSIONS).map((each) => [each, metricOf(each)] as const);
    for (const [permission, metric] of metrics)
      assert.equal(metric !== "write", isRead(permission), permission);
    const waits = metrics.filter(([, metric]) => metric === "wait").map(([permission]) => permission);
    assert.deepEqual(waits, [PERMISSIONS.wait, PERMISSIONS.watch]);
  });

  it("counts each principal, tenant and user of a principal separately, and a call for all of them", () => {
    const { allowed } = open([
      ruleOf("tenant", { read: "5/h" }),
      ruleOf("principal", { read: "3/h" }),
      ruleOf("quotaUser", { read: "2/h" }),
    ]);
    assert.equal(allowed({ principal: "user:a", tenant: "projects/p", quotaUser: "u" }), 2);
    assert.equal(
      allowed({ principal: "user:a", tenant: "projects/p", quotaUser: "v" }),
      1,
      "the principal's",
    );
    assert.equal(allowed({ principal: "user:b", tenant: "projects/p" }), 2, "what is left of the tenant's");
    assert.equal(allowed({ principal: "user:c", tenant: "projects/q" }), 3);
    assert.equal(
      allowed({ principal: "user:d", quotaUser: "u" }),
      2,
      "a user of another principal is another",
    );
  });

  it("does not count a refused call", () => {
    const { allowed } = open([ruleOf("principal", { read: "1/h" }), ruleOf("tenant", { read: "3/h" })]);
    assert.equal(allowed({ principal: "user:a", tenant: "projects/p" }), 1);
    assert.equal(allowed({ principal: "user:a", tenant: "projects/p" }), 0);
    assert.equal(allowed({ principal: "user:b", tenant: "projects/p" }), 1);
    assert.equal(allowed({ principal: "user:c", tenant: "projects/p" }), 1);
  });

  it("forgets no bucket because a refused caller invents users", () => {
    const { quotas, allowed } = open([
      ruleOf("principal", { read: "1/h" }),
      ruleOf("quotaUser", { read: "1/h" }),
    ]);
    assert.equal(allowed({ principal: "user:a" }), 1);
    assert.equal(allowed({ principal: "user:b" }), 1);
    for (let user = 0; user < LIMITS.quotaBucketsMax; user++)
      assert.equal(quotas.passes(callOf({ principal: "user:b", quotaUser: String(user) })), false);
    assert.equal(allowed({ principal: "user:a" }), 0);
  });

  it("uses the first rule that matches and has the rate, and limits nobody without one", () => {
    const { allowed } = open([
      ruleOf("principal", { read: "1/h" }, ["user:a", "user:b"]),
      ruleOf("principal", { read: "2/h", write: "3/h" }),
    ]);
    assert.equal(allowed({ principal: "user:a" }), 1);
    assert.equal(allowed({ principal: "user:c" }), 2);
    assert.equal(allowed({ principal: "user:a" }, PERMISSIONS.cancel), 3);
    assert.equal(allowed({ principal: "user:a" }, PERMISSIONS.wait), 100);
  });

  it("counts callers without a name by their address, and the process itself not at all", () => {
    const { quotas, allowed } = open([ruleOf("principal", { read: "1/h" })]);
    assert.equal(allowed(from("192.0.2.1")), 1);
    assert.equal(allowed(from("192.0.2.2")), 1);
    assert.equal(allowed(from("2001:db8:1:2:3::1")), 1);
    assert.equal(allowed(from("2001:db8:1:2:4::9")), 0, "the same network");
    assert.equal(allowed(from("2001:db8::1")), 1);
    for (const ip of ["2001:db8::2", "2001:db8::a:b:c:d", "2001:db8:0:0:1::"])
      assert.equal(allowed(from(ip)), 0, `${ip}, where the network has zeros`);
    assert.equal(allowed(from("2001:db8::9:1:2:3:4")), 1, "another network, whose zeros are in the middle");
    assert.equal(allowed(from("::ffff:192.0.2.3")), 1);
    assert.equal(allowed(from("::ffff:192.0.2.4")), 1);
    assert.equal(allowed(from(undefined)), 1);
    const own = { caller: IN_PROCESS, permission: PERMISSIONS.get, resource: "" };
    for (let call = 0; call < 5; call++) assert.equal(quotas.take(own), undefined);
  });

  it("refuses a start of a tenant with too many unfinished operations, and nothing else", async () => {
    const rule = { ...ruleOf("tenant", {}), unfinished: 3 };
    const { clock, quotas } = open([rule], 1, 2);
    const start = callOf({ tenant: "projects/p" }, PERMISSIONS.start);
    await quotas.take(start);
    const refused = assert.rejects(quotas.take(start) ?? Promise.resolve(), {
      code: "RESOURCE_EXHAUSTED",
      reason: "RESOURCE_QUOTA_EXCEEDED",
      message: /'Unfinished operations per tenant' of service 's' for consumer 'projects\/p'\.$/,
    });
    await clock.advance(LIMITS.quotaPauseMs);
    await refused;
    assert.equal(quotas.take(callOf({ tenant: "projects/p" }, PERMISSIONS.get)), undefined);
    assert.equal(quotas.take(callOf({}, PERMISSIONS.start)), undefined, "nobody's");
    const own = { ...start, caller: { ...IN_PROCESS, tenant: "projects/p" } };
    assert.equal(quotas.take(own), undefined, "the program's own");
  });

  it("shares a rate with the other processes", () => {
    assert.equal(open([ruleOf("principal", { read: "12/h" })], 3).allowed({}), 4);
  });

  it("refuses after a pause, which is no longer than the wait for the next call", async () => {
    const { clock, quotas, allowed } = open([
      ruleOf("principal", { read: "10/s", write: "1/h" }),
      ruleOf("tenant", { read: "1/h" }),
    ]);
    allowed({});
    allowed({}, PERMISSIONS.start);
    const answered: string[] = [];
    const refusalOf = (call: Call): void => {
      quotas.take(call)?.catch((error: Error) => answered.push(error.message));
    };
    refusalOf(callOf({}));
    refusalOf(callOf({}, PERMISSIONS.start));
    await clock.advance(99);
    assert.equal(answered.length, 0);
    await clock.advance(1);
    assert.equal(answered.length, 1);
    await clock.advance(LIMITS.quotaPauseMs - 101);
    assert.equal(answered.length, 1);
    await clock.advance(1);
    assert.deepEqual(
      answered.map((each) => /'(\w+ requests per \w+)'.*'([^']+)'\.$/.exec(each)?.slice(1)),
      [
        ["Read requests per second", "user:ada"],
        ["Write requests per hour", "user:ada"],
      ],
    );
  });

  it("limits the number of refusals that wait", async () => {
    const { quotas, allowed } = open([ruleOf("principal", { read: "1/h" })]);
    allowed({});
    const all: Promise<unknown>[] = [];
    for (let call = 0; call <= LIMITS.quotaPausesMax; call++)
      all.push((quotas.take(callOf({})) ?? assert.fail("allowed")).catch((error: unknown) => error));
    // The clock stands still: only the call beyond the limit of pauses is answered.
    assert.equal(((await Promise.race(all)) as { readonly reason: string }).reason, "RATE_LIMIT_EXCEEDED");
  });
});
