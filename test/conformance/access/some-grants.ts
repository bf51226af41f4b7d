import fc from "fast-check";
import { ROLES } from "../../../src/access/roles.ts";
import { parseCollection } from "../../../src/core/operation/name.ts";
import type { Permission } from "../../../src/core/permission.ts";

/** Random grants to a few callers over a few tenants, and as the oracle a walk over all of them. */

/** Permissions on operations. */
export const PARENTS = ["", "projects/a", "projects/ab", "projects/a/locations/l", "projects/b"];
/** Collections, some of which span several parents. */
export const ASKED = [...PARENTS, "-", "projects/-", "projects/a/locations/-", "projects/-/locations/-"];
/** Users; "" means an unknown caller. */
export const CALLERS = ["u", "v", ""];

/** A line of the rules. */
export interface GivenGrant {
  readonly members: readonly string[];
  readonly role?: "viewer" | "caller" | undefined;
  readonly permissions: readonly Permission[];
  readonly parent: string;
}

/** @param permissions granted in addition to roles */
export function someGrants(permissions: readonly Permission[]): fc.Arbitrary<readonly GivenGrant[]> {
  return fc.array(
    fc.record({
      members: fc.subarray(["user:u", "user:v", "group:g", "allAuthenticated", "all"], {
        minLength: 1,
        maxLength: 2,
      }),
      role: fc.constantFrom("viewer", "caller", undefined),
      permissions: fc.subarray([...permissions], { minLength: 1 }),
      parent: fc.constantFrom("*", "projects/a", "projects/b", "projects/a/locations", "projects"),
    }),
    { minLength: 1, maxLength: 4 },
  );
}

/** Whether any of the grants gives a caller a permission on a parent. */
export function permits(
  grants: readonly GivenGrant[],
  { who, permission, parent }: { who: string; permission: Permission; parent: string },
): boolean {
  const members = who === "" ? ["all"] : [`user:${who}`, "allAuthenticated", "all"];
  if (who === "v") members.push("group:g");
  return grants.some(
    (grant) =>
      grant.members.some((each) => members.includes(each)) &&
      [...(grant.role === undefined ? [] : ROLES[grant.role]), ...grant.permissions].includes(permission) &&
      (grant.parent === "*" || `${parent}/`.startsWith(`${grant.parent}/`)),
  );
}

/** The text of the rules. */
export function rulesOf(grants: readonly GivenGrant[]): string {
  return JSON.stringify({ grants, groups: { "group:g": ["user:v"] } });
}

/** The parent in a name. */
export const parentOf = (name: string): string => parseCollection(name.slice(0, name.lastIndexOf("/")));
