import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import { systemClock } from "../core/ports/clock.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { Chain } from "./policy.ts";
import { TestPolicy } from "./policy.suite.ts";

const call: Call = { caller: ANONYMOUS, permission: PERMISSIONS.get, resource: "operations/a" };

function open() {
  const policy = new TestPolicy();
  const clock = new ManualClock();
  return { policy, clock, chain: new Chain(policy, clock) };
}

function missingFor(reason: string): () => Promise<never> {
  return () => Promise.reject(new StatusError("NOT_FOUND", "None.", { reason }));
}

describe("Chain", () => {
  it("authorizes, takes quota, does the work, and reports outcome and duration to audit and observer", async () => {
    const { policy, clock, chain } = open();
    const work = async () => {
      assert.deepEqual(
        policy.told.map(({ port }) => port),
        ["authorizer", "quotas"],
      );
      await clock.advance(5);
      return "done";
    };
    assert.equal(await chain.run(call, work), "done");
    const end = { error: undefined, result: "done", durationMs: 5 };
    assert.deepEqual(policy.told, [
      { ...call, port: "authorizer" },
      { ...call, port: "quotas" },
      { ...call, port: "audit", end },
      { ...call, port: "observer", end },
    ]);
  });

  it("does nothing for a refused call, and reports it once", async () => {
    for (const [port, code] of [
      ["authorizer", "PERMISSION_DENIED"],
      ["quotas", "RESOURCE_EXHAUSTED"],
    ] as const) {
      const { policy, chain } = open();
      policy.refusing = port;
      await assert.rejects(
        chain.run(call, () => assert.fail("it is done")),
        { code },
      );
      assert.deepEqual(policy.taken("audit"), [`get operations/a ${code}`]);
      assert.deepEqual(policy.taken("observer"), [`get operations/a ${code}`]);
      assert.equal(policy.taken("quotas").length, port === "quotas" ? 1 : 0);
    }
  });

  it("reports a missing operation as the authorizer says, to the caller and to everybody else", async () => {
    const { policy, chain } = open();
    const concealed = new StatusError("PERMISSION_DENIED", "No.");
    const hiding = new Chain(
      { audit: policy.audit, authorizer: { ...policy.authorizer, concealed: () => concealed } },
      new ManualClock(),
    );
    for (const reason of ["OPERATION_NOT_FOUND", "OPERATION_EXPIRED"]) {
      await assert.rejects(hiding.run(call, missingFor(reason)), concealed);
      await assert.rejects(chain.run(call, missingFor(reason)), { reason });
      assert.deepEqual(policy.taken("audit"), [
        "get operations/a PERMISSION_DENIED",
        "get operations/a NOT_FOUND",
      ]);
    }
    // The names of methods are not secret.
    await assert.rejects(hiding.run(call, missingFor("METHOD_NOT_FOUND")), { reason: "METHOD_NOT_FOUND" });
  });

  it("reads nothing to find the resource of a call that is refused in any case", async () => {
    const { policy } = open();
    const refusal = new StatusError("PERMISSION_DENIED", "Nowhere.");
    const authorizeSomewhere = (): never => {
      throw refusal;
    };
    const chain = new Chain(
      { audit: policy.audit, authorizer: { ...policy.authorizer, authorizeSomewhere } },
      new ManualClock(),
    );
    await assert.rejects(
      chain.run(
        call,
        () => assert.fail("it is done"),
        () => assert.fail("it is read"),
      ),
      refusal,
    );
    assert.deepEqual(policy.taken("audit"), ["get operations/a PERMISSION_DENIED"]);
  });

  it("refuses a caller without credentials that may make no such call, and reports it", async () => {
    const { policy } = open();
    const refusal = new StatusError("UNAUTHENTICATED", "No.");
    const asked: (readonly string[])[] = [];
    const admit = (_: Call, permissions: readonly string[]): void => {
      asked.push(permissions);
      if (!permissions.includes(PERMISSIONS.wait)) throw refusal;
    };
    const chain = new Chain(
      { audit: policy.audit, authorizer: { ...policy.authorizer, admit } },
      new ManualClock(),
    );
    await assert.rejects(async () => chain.admit(call), refusal);
    assert.deepEqual(policy.taken("audit"), ["get operations/a UNAUTHENTICATED"]);
    assert.equal(chain.admit(call, [PERMISSIONS.get, PERMISSIONS.wait]), undefined);
    assert.equal(chain.admit({ ...call, caller: { ...ANONYMOUS, principal: "user:ada" } }), undefined);
    assert.deepEqual(asked, [[PERMISSIONS.get], [PERMISSIONS.get, PERMISSIONS.wait]]);
    assert.deepEqual(policy.told, []);
    policy.kept = Promise.reject(new StatusError("UNAVAILABLE", "No room."));
    await assert.rejects(async () => chain.admit(call), { code: "UNAVAILABLE" });
  });

  it("answers when audit has stored its record, or with the error of audit if it cannot", async () => {
    const { policy, chain } = open();
    const { promise, resolve } = Promise.withResolvers<void>();
    policy.kept = promise;
    let isAnswered = false;
    const answered = chain.run(call, async () => "done").then(() => (isAnswered = true));
    await new Promise<void>((next) => systemClock.soon(next));
    assert.equal(isAnswered, false);
    resolve();
    await answered;
    const error = new StatusError("UNAVAILABLE", "No.");
    policy.kept = Promise.reject(error);
    await assert.rejects(
      chain.run(call, async () => "done"),
      error,
    );
  });

  it("gives the call the tenant that owns the resource, unless the caller has named one", async () => {
    const { policy, chain } = open();
    policy.tenantOf = (resource) => (resource.startsWith("projects/p/") ? "projects/p" : null);
    const within = { ...call, resource: "projects/p/operations/a" };
    const tenantIn = (asked: Call): Promise<string | null> => chain.run(asked, async ({ tenant }) => tenant);
    assert.equal(await tenantIn(within), "projects/p");
    assert.deepEqual(
      policy.told.map(({ port, caller }) => [port, caller.tenant]),
      [
        ["authorizer", null],
        ["quotas", "projects/p"],
        ["audit", "projects/p"],
        ["observer", "projects/p"],
      ],
    );
    assert.equal(await tenantIn(call), null);
    assert.equal(await tenantIn({ ...within, caller: { ...ANONYMOUS, tenant: "projects/q" } }), "projects/q");
    policy.told.length = 0;
    assert.equal(
      chain.answerKept(within, () => 1),
      1,
    );
    assert.equal(policy.told.at(-1)?.caller.tenant, "projects/p");
  });

  it("does not send a cached answer of a call that audit records, and takes no quota for it", () => {
    const { policy, chain } = open();
    policy.keeps = true;
    assert.equal(
      chain.answerKept(call, () => 1),
      undefined,
    );
    assert.deepEqual(policy.taken("quotas"), []);
    policy.keeps = false;
    assert.equal(
      chain.answerKept(call, () => 1),
      1,
    );
  });

  it("reports the error that a use case throws, and throws it", async () => {
    const { policy, chain } = open();
    const error = new StatusError("NOT_FOUND", "No.");
    await assert.rejects(
      chain.run(call, () => Promise.reject(error)),
      error,
    );
    assert.deepEqual(policy.taken("audit"), ["get operations/a NOT_FOUND"]);
    assert.equal(policy.told.at(-1)?.end?.error, error);
  });

  it("finds the resource before it authorizes, if only the request names it", async () => {
    const { policy, chain } = open();
    await chain.run(
      call,
      async () => {},
      async () => "projects/p",
    );
    for (const port of ["authorizer", "quotas", "audit", "observer"] as const)
      assert.deepEqual(policy.taken(port), ["get projects/p"]);
    const unfound = chain.run(
      call,
      () => assert.fail("it is done"),
      () => Promise.reject(new StatusError("INVALID_ARGUMENT", "No.")),
    );
    await assert.rejects(unfound);
    assert.deepEqual(policy.taken("audit"), ["get operations/a INVALID_ARGUMENT"]);
    assert.deepEqual(policy.taken("authorizer"), []);
  });

  it("waits for a slow authorizer", async () => {
    const decided = Promise.withResolvers<void>();
    const authorizer = { authorize: () => decided.promise, viewOf: () => undefined };
    const chain = new Chain({ authorizer }, new ManualClock());
    const refused = chain.run(call, () => assert.fail("it is done"));
    assert.equal(
      chain.answerKept(call, () => assert.fail("it is looked for")),
      undefined,
    );
    decided.reject(new StatusError("PERMISSION_DENIED", "No."));
    await assert.rejects(refused, { code: "PERMISSION_DENIED" });
  });

  it("sends a cached answer if the caller is allowed, reports it once, and otherwise reports nothing", () => {
    const { policy, chain } = open();
    assert.equal(
      chain.answerKept(call, () => 1),
      1,
    );
    assert.deepEqual(
      policy.told.splice(0).map(({ port }) => port),
      ["authorizer", "quotas", "audit", "observer"],
    );
    policy.refusing = "quotas";
    assert.equal(
      chain.answerKept(call, () => 1),
      undefined,
    );
    assert.equal(
      chain.answerKept(call, () => undefined),
      undefined,
    );
    assert.deepEqual([...policy.taken("audit"), ...policy.taken("observer")], []);
  });

  it("does not look for a cached answer if the caller is not allowed, and reports nothing", () => {
    const { policy, chain } = open();
    policy.refusing = "authorizer";
    assert.equal(
      chain.answerKept(call, () => assert.fail("it is looked for")),
      undefined,
    );
    assert.deepEqual(
      policy.told.map(({ port }) => port),
      ["authorizer"],
    );
  });

  it("allows everything for which no port was given", async () => {
    const chain = new Chain({}, new ManualClock());
    assert.equal(await chain.run(call, async () => 1), 1);
    assert.deepEqual([chain.answerKept(call, () => 1), chain.viewOf(ANONYMOUS)], [1, ""]);
  });
});
