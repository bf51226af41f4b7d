import { StatusError } from "../core/error/error.ts";
import { checkParent } from "../core/operation/name.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Condition } from "./conditions.ts";
import type { Entry } from "../forms/entry.ts";
import { checked, type Form, listOf, object, oneOf, text } from "../forms/form.ts";
import { ROLE_NAMES, ROLES } from "./roles.ts";

/** Everybody, with or without credentials. */
export const ALL = "all";
/** Everybody with credentials. */
export const ALL_AUTHENTICATED = "allAuthenticated";

/** Matches every parent, and operations without a parent. */
const EVERYWHERE = "*";

/** Gives permissions to members, below a parent. */
export interface Grant {
  /** Principals, groups, {@link ALL} or {@link ALL_AUTHENTICATED}. */
  readonly members: readonly string[];
  readonly permissions: ReadonlySet<Permission>;
  /** The first segments of matching parents; empty for all parents. */
  readonly parent: readonly string[];
  /** Only for operations of these methods. Undefined for all methods. */
  readonly methods: ReadonlySet<string> | undefined;
  /** A further condition on the call. Undefined for none. */
  readonly condition?: Condition | undefined;
  /** The place in the file, for messages. */
  readonly place: { readonly path: string; readonly line: number };
}

/** A person or a program. */
export const PRINCIPAL = /^(?:user|serviceAccount):[^\s\p{Cc}]{1,1000}$/u;
export const GROUP = /^group:[^\s\p{Cc}]{1,1000}$/u;
const MEMBER = /^(?:(?:user|serviceAccount|group):[^\s\p{Cc}]{1,1000}|allAuthenticated|all)$/u;

const PERMISSION_NAMES = Object.values(PERMISSIONS);

/** The permissions of calls that name a method; a grant with `methods` gives no others. */
const STARTS: ReadonlySet<Permission> = new Set([
  PERMISSIONS.start,
  PERMISSIONS.answer,
  PERMISSIONS.adminStart,
]);

/** Segments of a parent, such as `projects/a`, or all parents. */
const PARENT: Form<string> = checked(
  text({
    description: `The first segments of parents, such as projects/a; "${EVERYWHERE}" for all, including operations without a parent.`,
  }),
  (parent, entry) => {
    const violation = parent === EVERYWHERE ? undefined : parentViolation(parent);
    if (violation !== undefined) entry.refuse(violation);
  },
);

function parentViolation(parent: string): string | undefined {
  if (/\*|(?:^|\/)-(?:\/|$)/.test(parent))
    return `expected segments such as projects/a, or "${EVERYWHERE}" alone, got ${JSON.stringify(parent)}; wildcards are not supported`;
  try {
    checkParent(parent);
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return undefined;
}

const GRANT = object(
  {
    members: listOf(
      text({
        description: "A person, a program, a group, all callers with credentials, or all callers.",
        pattern: MEMBER,
        expected: `user:…, serviceAccount:…, group:…, ${ALL_AUTHENTICATED} or ${ALL}`,
      }),
      { description: "The callers who get the permissions.", min: 1 },
    ),
    role: oneOf(ROLE_NAMES, "A set of permissions."),
    permissions: listOf(oneOf(PERMISSION_NAMES, "A permission."), {
      description: "Permissions, instead of a role or in addition to it.",
      min: 1,
    }),
    parent: PARENT,
    condition: text({
      description: "An expression of CEL. The grant applies only to calls for which it is true.",
    }),
    methods: listOf(text({ description: "The name of a method." }), {
      description: "Limits the grant to starts of these methods. Default: all calls.",
      min: 1,
    }),
  },
  { description: "Permissions of members, below a parent.", required: ["members", "parent"] },
);

/** A grant whose condition is not compiled yet. */
export interface WrittenGrant extends Omit<Grant, "condition"> {
  readonly condition: { readonly text: string; readonly entry: Entry } | undefined;
}

/** The section `grants`. */
export const GRANTS: Form<readonly WrittenGrant[]> = listOf(grantForm(), {
  description: "Grants: members, their roles or permissions, and the parent below which they apply.",
});

/** Compiles the conditions of grants. Invalid conditions are reported at their entries. */
export async function withConditions(written: readonly WrittenGrant[]): Promise<readonly Grant[]> {
  const grants: Grant[] = [];
  for (const { condition, ...grant } of written) {
    if (condition === undefined) {
      grants.push(grant);
      continue;
    }
    try {
      const { conditionOf } = await import("./conditions.ts");
      grants.push({ ...grant, condition: await conditionOf(condition.text) });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      condition.entry.refuse(error.message);
    }
  }
  return grants;
}

function grantForm(): Form<WrittenGrant> {
  return { schema: GRANT.schema, read: readGrant };
}

function readGrant(entry: Entry): WrittenGrant | undefined {
  const read = GRANT.read(entry);
  if (read === undefined) return undefined;
  const { members, role, permissions = [], parent, methods, condition } = read;
  const { value } = entry;
  if (value instanceof Map && !value.has("role") && !value.has("permissions"))
    entry.refuse('the grant gives no permission; add "role", "permissions", or both');
  const conditionEntry = value instanceof Map ? value.get("condition") : undefined;
  const all = [...(role === undefined ? [] : ROLES[role]), ...permissions];
  if (parent !== EVERYWHERE && all.some((each) => each.startsWith("longrunning.admin.")))
    entry.refuse(
      `permissions of operators (longrunning.admin.…) apply to all operations; grant them with the parent "${EVERYWHERE}"`,
    );
  if (methods !== undefined && all.length > 0 && !all.some((each) => STARTS.has(each)))
    entry.refuse('"methods" limits a grant to starts, and this grant gives no permission to start');
  const { path, line } = entry.place;
  return {
    members,
    permissions: new Set(all),
    parent: parent === EVERYWHERE ? [] : parent.normalize("NFC").split("/"),
    methods: methods === undefined ? undefined : new Set(methods),
    condition: condition === undefined ? undefined : { text: condition, entry: conditionEntry ?? entry },
    place: { path, line },
  };
}
