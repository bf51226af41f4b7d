import { type Permission, PERMISSIONS } from "../core/permission.ts";

const { start, get, list, cancel, delete: remove, wait, watch, discover, answer, claim } = PERMISSIONS;
const { adminRead, adminStart, adminCancel, adminDelete, adminPause, adminBulk, adminWebhooks } = PERMISSIONS;

const VIEWER = [get, list, wait, watch, discover] as const;

/** Names for sets of permissions. `docs/access.md` is compared with this table by a test. */
export const ROLES = {
  /** Looks at operations. */
  viewer: VIEWER,
  /** Begins and ends them, too. */
  caller: [...VIEWER, start, cancel, remove, answer],
  /** Does the work of operations, from outside of the service. It sees what it claims. */
  worker: [claim],
  /** Sees what callers never see, and acts on it. */
  operator: [
    ...VIEWER,
    adminRead,
    adminStart,
    adminCancel,
    adminDelete,
    adminPause,
    adminBulk,
    adminWebhooks,
  ],
  /** Everything there is. */
  admin: Object.values(PERMISSIONS),
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

/** A key of {@link ROLES}. */
export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];
