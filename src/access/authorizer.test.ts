import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS, type Caller, IN_PROCESS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { GrantAuthorizer } from "./authorizer.ts";
import { parseRules } from "./rules.ts";

const ADA: Caller = { ...ANONYMOUS, principal: "user:ada" };

function call(
  resource: string,
  permission: Permission = PERMISSIONS.get,
  caller = ADA,
  method?: string,
): Call {
  return { caller, permission, resource, ...(method === undefined ? {} : { method }) };
}

const start = (method: string): Call => call("projects/a", PERMISSIONS.start, ADA, method);

async function authorizer(...grants: readonly object[]): Promise<GrantAuthorizer> {
  return new GrantAuthorizer(await parseRules(JSON.stringify({ grants }), "f"), new ManualClock());
}

const VIEWER = { members: ["user:ada"], role: "viewer", parent: "projects/a" };

describe("GrantAuthorizer", () => {
  it("allows resources below the parent of a grant, however the name is written", async () => {
    const gate = await authorizer(VIEWER);
    for (const resource of [
      "projects/a/operations/x",
      "projects/a/locations/l/operations/x/y",
      "operations/projects/a/operations/x",
    ])
      assert.equal(gate.authorize(call(resource)), undefined);
    for (const resource of ["projects/a", "projects/a/operations", "projects/a/locations/-"])
      assert.equal(gate.authorize(call(resource, PERMISSIONS.list)), undefined);
    for (const resource of [
      "projects/b/operations/x",
      "projects/ab/operations/x",
      "operations/x",
      "projects/operations/x",
      "PROJECTS/a/operations/x",
      "x",
      "",
    ])
      assert.throws(() => gate.authorize(call(resource)), { reason: "IAM_PERMISSION_DENIED" }, resource);
  });

  it("refuses with the permission and the resource, and with a request for credentials if there were none", async () => {
    const gate = await authorizer(VIEWER);
    assert.throws(() => gate.authorize(call("projects/b/operations/x")), {
      code: "PERMISSION_DENIED",
      message:
        "Permission 'longrunning.operations.get' denied on resource 'projects/b/operations/x' (or it might not exist).",
      metadata: { permission: "longrunning.operations.get", resource: "projects/b/operations/x" },
    });
    const named = (asked: Call): unknown => {
      try {
        gate.authorize(asked);
      } catch (error) {
        return (error as { metadata: Record<string, string> }).metadata["resource"];
      }
      return undefined;
    };
    assert.equal(named(call("", PERMISSIONS.list)), "operations");
    assert.equal(named(call("", PERMISSIONS.answer, ADA, "say")), "say");
    assert.equal(named(call("", PERMISSIONS.adminRead)), "-");
    assert.equal(String(named(call("é".repeat(2_000)))).length, 500);
    assert.throws(() => gate.authorize(call("projects/a/operations/x", PERMISSIONS.get, ANONYMOUS)), {
      code: "UNAUTHENTICATED",
      reason: "CREDENTIALS_MISSING",
    });
  });

  it("treats names in another Unicode normal form as equal", async () => {
    const gate = await authorizer({ ...VIEWER, parent: "projects/\u00e9" });
    assert.equal(gate.authorize(call("projects/e\u0301", PERMISSIONS.list)), undefined);
  });

  it("allows the program itself everything", async () => {
    const gate = await authorizer();
    assert.equal(gate.authorize(call("operations/x", PERMISSIONS.delete, IN_PROCESS)), undefined);
    assert.equal(gate.parentsOf(call("-", PERMISSIONS.list, IN_PROCESS)), undefined);
    assert.equal(gate.concealed(call("operations/x", PERMISSIONS.get, IN_PROCESS)), undefined);
    assert.equal(gate.authorizeSomewhere(call("", PERMISSIONS.start, IN_PROCESS)), undefined);
    // A caller that merely looks like the program is not the program.
    assert.throws(() => gate.authorize(call("operations/x", PERMISSIONS.get, { ...IN_PROCESS })));
  });

  it("grants calls about one of its methods, and nothing else", async () => {
    const gate = await authorizer({ ...VIEWER, role: "caller", methods: ["copy"] });
    assert.equal(gate.authorize(start("copy")), undefined);
    assert.throws(() => gate.authorize(start("move")));
    assert.throws(() => gate.authorize(call("projects/a/operations/x")));
    assert.equal(gate.authorizeSomewhere({ ...start("copy"), resource: "" }), undefined);
    assert.throws(() => gate.authorizeSomewhere({ ...start("move"), resource: "" }));
  });

  it("tells a caller that may list the parent that an operation does not exist", async () => {
    const gate = await authorizer(
      { ...VIEWER, parent: "projects/a" },
      { members: ["user:ada"], permissions: [PERMISSIONS.get], parent: "projects/b" },
    );
    assert.equal(gate.concealed(call("projects/a/operations/x")), undefined);
    assert.equal(gate.concealed(call("projects/b/operations/x"))?.reason, "IAM_PERMISSION_DENIED");
  });

  it("shows only the caller's parents in a list over several collections", async () => {
    const gate = await authorizer(VIEWER, { ...VIEWER, parent: "projects/b/locations/l" });
    const within = (resource: string): unknown => gate.parentsOf(call(resource, PERMISSIONS.list));
    assert.deepEqual(within("-"), ["projects/a", "projects/b/locations/l"]);
    assert.deepEqual(within("projects/-"), ["projects/a"]);
    assert.deepEqual(within("projects/-/locations/-"), ["projects/a", "projects/b/locations/l"]);
    assert.equal(within("projects/a/locations/-"), undefined);
    assert.throws(() => gate.authorize(call("folders/-", PERMISSIONS.list)), {
      reason: "IAM_PERMISSION_DENIED",
    });
    const many = Array.from({ length: LIMITS.listParentsMax + 1 }, (_, at) => ({
      ...VIEWER,
      parent: `projects/${at}`,
    }));
    const full = await authorizer(...many);
    assert.throws(() => full.parentsOf(call("-", PERMISSIONS.list)), { reason: "TOO_MANY_PARENTS" });
  });

  it("counts a parent once, even if several grants to the caller and its groups cover it", async () => {
    const members = ["user:ada", "group:a", "allAuthenticated"];
    const most = Array.from({ length: LIMITS.listParentsMax - 1 }, (_, at) => ({
      ...VIEWER,
      members,
      parent: `projects/${at}`,
    }));
    const gate = await authorizer(
      ...most,
      { ...VIEWER, members: ["user:ada"], parent: "projects/0/locations/l/m" },
      { ...VIEWER, members: ["user:ada"], parent: "projects/00" },
    );
    const caller = { ...ADA, groups: ["group:a"] };
    const within = gate.parentsOf(call("-", PERMISSIONS.list, caller)) ?? [];
    assert.deepEqual([...within].toSorted(), [...most.map(({ parent }) => parent), "projects/00"].toSorted());
  });

  it("uses new rules as soon as it has them, and reports the change", async () => {
    const gate = await authorizer(VIEWER);
    let told = 0;
    const deaf = gate.watch(() => told++);
    gate.replace(await parseRules("grants: []", "f"));
    assert.throws(() => gate.authorize(call("projects/a/operations/x")));
    deaf();
    gate.replace(await parseRules("grants: []", "f"));
    assert.equal(told, 1);
  });
});
