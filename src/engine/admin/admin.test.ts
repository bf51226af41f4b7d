import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { formatName } from "../../core/operation/name.ts";
import { open, request } from "../packing.suite.ts";
import { TestPolicy } from "../policy.suite.ts";
import { againRequestId } from "./record.ts";
import { adminOf, operator, rows } from "./operators.suite.ts";

describe("Admin", () => {
  it("passes the chain with permissions of its own, refusals included", async () => {
    const policy = new TestPolicy();
    await using test = await open({ policy });
    const admin = adminOf(test.engine);
    const started = await admin.start(operator(), { method: "pack", parent: "projects/p", request });
    const name = formatName(started);
    await admin.session(operator());
    await admin.rows(operator(), rows({ collection: "projects/p" }));
    await admin.record(operator(), name);
    await admin.cancel(operator(), name);
    await assert.rejects(admin.delete(operator("read"), name), { reason: "ADMIN_READ_ONLY" });
    await admin.delete(operator(), name);
    assert.deepEqual(
      policy.told.map(({ permission }) => permission.split(".")[1]).filter((each) => each !== "admin"),
      [],
    );
    assert.deepEqual(policy.taken("audit"), [
      "start projects/p pack",
      "read ",
      "read projects/p",
      `read ${name}`,
      `cancel ${name}`,
      `delete ${name} PERMISSION_DENIED`,
      `delete ${name}`,
    ]);
    policy.refusing = "authorizer";
    await assert.rejects(admin.session(operator()), { code: "PERMISSION_DENIED" });
  });

  it("does nothing that the operator is not allowed to do", async () => {
    await using test = await open();
    const admin = adminOf(test.engine);
    const name = formatName(await admin.start(operator(), { method: "pack", request }));
    const refused = { reason: "ADMIN_READ_ONLY" };
    await assert.rejects(admin.start(operator("read"), { method: "pack", request }), refused);
    await assert.rejects(admin.cancel(operator(["delete"]), name), refused);
    await assert.rejects(admin.delete(operator(["cancel"]), name), refused);
    assert.equal((await admin.record(operator("read"), name)).operation.state, "PENDING");
    await admin.cancel(operator(["cancel"]), name);
    assert.equal((await admin.record(operator("read"), name)).operation.state, "CANCELLED");
  });

  it("shows an operator with a scope nothing else, whatever the request", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const theirs = formatName(
      await operations.start(ANONYMOUS, { method: "pack", parent: "projects/b/x", request }),
    );
    const own = formatName(
      await operations.start(ANONYMOUS, { method: "pack", parent: "projects/a/x", request }),
    );
    const admin = adminOf(test.engine);
    const scoped = operator("full", "projects/a/-");
    const seen = await admin.rows(scoped, rows());
    assert.deepEqual(seen.rows.map(formatName), [own]);
    const nothing = await admin.rows(scoped, rows({ collection: "projects/b/x" }));
    assert.deepEqual([nothing.rows, nothing.lookedAt, nothing.nextPageToken], [[], 0, ""]);
    const missing = { reason: "OPERATION_NOT_FOUND", message: `Operation "${theirs}" was not found.` };
    await assert.rejects(admin.record(scoped, theirs), missing);
    await assert.rejects(admin.cancel(scoped, theirs), missing);
    await assert.rejects(admin.delete(scoped, theirs), missing);
    await assert.rejects(admin.start(scoped, { method: "pack", parent: "projects/b/x", request }), {
      reason: "ADMIN_COLLECTION_REFUSED",
    });
    assert.equal((await admin.record(scoped, own)).operation.state, "PENDING");
    assert.equal((await admin.session(scoped)).collection, "projects/a/-");
  });

  it("says which operation was started again from which, if the operator sees both", async () => {
    await using test = await open();
    const admin = adminOf(test.engine);
    const old = await admin.start(operator(), { method: "pack", parent: "projects/b", request });
    const requestId = againRequestId(old.id, "r");
    const start = { method: "pack", parent: "projects/a", request, requestId };
    const again = formatName(await admin.start(operator(), start));
    assert.equal(formatName(await admin.start(operator(), start)), again, "the same request id starts once");
    assert.equal((await admin.record(operator(), again)).againOf, formatName(old));
    assert.equal((await admin.record(operator("full", "projects/a"), again)).againOf, "");
    await admin.delete(operator(), formatName(old));
    assert.equal((await admin.record(operator(), again)).againOf, "");
  });

  it("limits concurrent reads, and shares one read among operators with the same question", async () => {
    await using test = await open();
    const admin = adminOf(test.engine);
    await Promise.all(Array.from({ length: 20 }, () => admin.rows(operator(), rows())));
    const asked = Array.from({ length: 5 }, (_, index) =>
      admin.rows(operator(), { ...rows(), pageSize: index + 1 }),
    );
    const refusals = (await Promise.allSettled(asked)).filter(({ status }) => status === "rejected");
    assert.equal(refusals.length, 1);
    await assert.rejects(asked[4] ?? assert.fail(), { reason: "TOO_MANY_ADMIN_READS" });
    await admin.rows(operator(), rows());
  });

  it("asks a store for its description once, and again if that failed", async () => {
    let [asked, fails] = [0, true];
    await using test = await open({
      around: (store) =>
        new Proxy(store, {
          get: (target, key) => {
            if (key !== "facts") {
              const value: unknown = Reflect.get(target, key, target);
              return typeof value === "function" ? value.bind(target) : value;
            }
            return () => {
              asked++;
              return fails ? Promise.reject(new Error("away")) : target.facts();
            };
          },
        }),
    });
    const admin = adminOf(test.engine);
    await assert.rejects(admin.session(operator()), /away/);
    fails = false;
    for (const _ of [1, 2]) assert.match((await admin.session(operator())).store, /^SQLite \d/);
    assert.equal(asked, 2);
  });
});
