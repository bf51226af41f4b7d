import { type Permission, PERMISSIONS } from "../core/permission.ts";

const { start, get, list, cancel, delete: remove, wait, watch, discover, answer, claim } = PERMISSIONS;
const { adminRead, adminStart, adminCancel, adminDelete, adminPause, adminBulk, adminWebhooks } = PERMISSIONS;

const VIEWER = [get, list, wait, watch, discover] as const;

/** Names for sets of permissions. A test compares `docs/access.md` with this table. */
export const ROLES = {
  /** Reads operations. */
  viewer: VIEWER,
  /** Also starts and ends them. */
  caller: [...VIEWER, start, cancel, remove, answer],
  /** Does the work of operations, without the store. It sees the operations that it claims. */
  worker: [claim],
  /** Reads what callers never see, and acts on it. */
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
  /** All permissions. */
  admin: Object.values(PERMISSIONS),
} as const satisfies Readonly<Record<string, readonly Permission[]>>;

/** A key of {@link ROLES}. */
export type Role = keyof typeof ROLES;

export const ROLE_NAMES = Object.keys(ROLES) as readonly Role[];
