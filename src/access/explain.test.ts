import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { PERMISSIONS } from "../core/permission.ts";
import { explain } from "./explain.ts";
import { parseRules } from "./rules.ts";

const RULES = `
grants:
  - { members: [user:ada], role: caller, parent: projects/a, methods: [copy] }
  - { members: [user:ada], role: viewer, parent: projects/b }
  - { members: [user:bob], role: viewer, parent: "*" }
  - { members: [all], permissions: [longrunning.operations.list], parent: projects/a }
`;

test("an explanation names the grant that gives a permission, or what each grant to the caller lacks", async () => {
  const rules = await parseRules(RULES, "f");
  const call = { caller: { ...ANONYMOUS, principal: "user:ada" }, resource: "projects/a" };
  const start = explain(rules, { ...call, permission: PERMISSIONS.start, method: "copy" }, 0);
  assert.deepEqual([start.isAllowed, start.grant?.place.line], [true, 3]);
  const other = explain(rules, { ...call, permission: PERMISSIONS.start, method: "move" }, 0);
  assert.deepEqual(
    [other.isAllowed, other.missed.map(({ grant, why }) => [grant.place.line, why])],
    [
      false,
      [
        [3, "it is limited to starts of copy"],
        [4, "its parent is projects/b"],
        [6, "it does not give longrunning.operations.start"],
      ],
    ],
  );
});
