import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { formatName } from "../../core/operation/name.ts";
import { LOST_REQUEST, SEAL } from "../../core/operation/sealed.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { open, request } from "../packing.suite.ts";
import type { AdminAction } from "./access.ts";
import { BUILT_IN_PARENT, BuiltIns, BULK_METHOD } from "./built-in.ts";
import { type BulkStart, isBulkOf } from "./bulks.ts";
import { adminOf, operator, rows } from "./operators.suite.ts";

const asked: BulkStart = {
  action: "cancel",
  collection: "",
  filter: "",
  method: "",
  notAfter: 1,
  expected: 0,
  validateOnly: false,
  requestId: "",
};

describe("Admin.bulk()", () => {
  it("stores the request, narrowed to what the operator sees", async () => {
    await using test = await open({ builtIns: new BuiltIns() });
    const admin = adminOf(test.engine);
    const scoped = operator("full", "projects/a/-");
    const filter = "done = false";
    const bulk = await admin.bulk(scoped, { ...asked, filter, collection: "projects/-/x", expected: 7 });
    assert.deepEqual([bulk.method, bulk.parent], [BULK_METHOD, BUILT_IN_PARENT]);
    assert.deepEqual(JSON.parse(bulk.request), {
      action: "cancel",
      collection: "projects/a/x",
      scope: "projects/a/-",
      filter,
      method: "",
      notAfter: 1,
      expected: 7,
    });
    const elsewhere = { ...asked, collection: "projects/b/x" };
    await assert.rejects(admin.bulk(scoped, elsewhere), { reason: "ADMIN_COLLECTION_REFUSED" });
  });

  it("requires the permission for the same action on one operation", async () => {
    await using test = await open({ builtIns: new BuiltIns() });
    const admin = adminOf(test.engine);
    const may = async (actions: readonly AdminAction[], action: string): Promise<unknown> =>
      admin.bulk(operator(actions), { ...asked, action, validateOnly: true });
    await may(["bulk", "cancel"], "cancel");
    await may(["bulk", "start"], "startAgain");
    const refused = { reason: "ADMIN_READ_ONLY" };
    await assert.rejects(may(["bulk", "cancel"], "delete"), refused);
    await assert.rejects(may(["bulk"], "cancel"), refused);
    await assert.rejects(may(["cancel", "delete", "start"], "cancel"), refused);
  });

  it("is allowed if the authorizer allows the action on one operation there", async () => {
    const asks: string[] = [];
    const authorize = ({ permission, resource }: Call): undefined => {
      asks.push(`${permission} ${resource}`);
      if (permission === PERMISSIONS.adminDelete) throw new StatusError("PERMISSION_DENIED", "No.");
    };
    const policy = { authorizer: { authorize, viewOf: () => "" } };
    await using test = await open({ builtIns: new BuiltIns(), policy });
    const admin = adminOf(test.engine);
    const start = { ...asked, collection: "projects/a", validateOnly: true };
    await assert.rejects(admin.bulk(operator(), { ...start, action: "delete" }), {
      reason: "ADMIN_READ_ONLY",
      message:
        "This operator may look and start, cancel, pause, bulk, keys, webhooks, webhookSecrets, and not delete.",
    });
    assert.ok(asks.includes("longrunning.admin.delete projects/a"));
    await admin.bulk(operator(), { ...start, action: "cancel" });
  });

  it("is visible only to operators who see its collection", async () => {
    await using test = await open({ builtIns: new BuiltIns() });
    const admin = adminOf(test.engine);
    const scoped = operator("full", "projects/a");
    const name = formatName(await admin.bulk(scoped, asked));
    assert.equal((await admin.record(scoped, name)).operation.state, "PENDING");
    const others = operator("full", "projects/b");
    await assert.rejects(admin.record(others, name), { reason: "OPERATION_NOT_FOUND" });
    await assert.rejects(admin.cancel(others, name), { reason: "OPERATION_NOT_FOUND" });
    await admin.cancel(scoped, name);
    assert.equal((await admin.record(operator(), name)).operation.state, "CANCELLED");
    const ofAll = formatName(await admin.bulk(operator(), asked));
    await assert.rejects(admin.record(scoped, ofAll), { reason: "OPERATION_NOT_FOUND" });
  });

  it("is hidden from operators of a collection if its request cannot be read", () => {
    const bulk = anOperation({ method: BULK_METHOD, request: '{"scope":"projects/a"}' });
    const scoped = operator("full", "projects/a");
    assert.equal(isBulkOf(bulk, scoped), true);
    for (const sealed of [LOST_REQUEST, `${SEAL}AAAA`])
      assert.equal(isBulkOf({ ...bulk, request: sealed }, scoped), false, JSON.stringify(sealed));
  });

  it("is left out of callers' lists over all collections", async () => {
    await using test = await open({ builtIns: new BuiltIns() });
    const admin = adminOf(test.engine);
    await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    await admin.bulk(operator(), asked);
    const methods = async (parent: string): Promise<readonly string[]> =>
      (await test.engine.operations.list(ANONYMOUS, { parent })).operations.map(({ method }) => method);
    assert.deepEqual(await methods("-"), ["pack"]);
    assert.deepEqual((await admin.rows(operator(), rows())).rows.length, 2);
  });
});
