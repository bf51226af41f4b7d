import type { Caller } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { type Collection, collectionOf, includesParent, WILDCARD } from "../../core/operation/collection.ts";
import { parseCollection } from "../../core/operation/name.ts";
import { type Permission, PERMISSIONS } from "../../core/permission.ts";

/** The actions of operators, beyond reads. */
export const ADMIN_ACTIONS = [
  "start",
  "cancel",
  "delete",
  "pause",
  "bulk",
  "keys",
  "webhooks",
  "webhookSecrets",
] as const;

/** One of {@link ADMIN_ACTIONS}. */
export type AdminAction = (typeof ADMIN_ACTIONS)[number];

/** The permission of each action. */
export const ACTION_PERMISSIONS: Readonly<Record<AdminAction, Permission>> = {
  start: PERMISSIONS.adminStart,
  cancel: PERMISSIONS.adminCancel,
  delete: PERMISSIONS.adminDelete,
  pause: PERMISSIONS.adminPause,
  bulk: PERMISSIONS.adminBulk,
  keys: PERMISSIONS.adminKeys,
  webhooks: PERMISSIONS.adminWebhooks,
  webhookSecrets: PERMISSIONS.adminWebhookSecrets,
};

/** All that operators need. */
export const ADMIN_PERMISSIONS: readonly Permission[] = [
  PERMISSIONS.adminRead,
  ...Object.values(ACTION_PERMISSIONS),
];

/** The actions and the scope of an operator. Reads are always allowed. */
export interface Access {
  readonly actions: ReadonlySet<AdminAction>;
  /** All that the operator sees; undefined for everything there is. */
  readonly scope?: Collection | undefined;
}

/** A caller who is an operator. */
export interface Operator extends Caller {
  readonly access: Access;
}

/** Reads and all actions. */
export const FULL_ACCESS: Access = { actions: new Set(ADMIN_ACTIONS) };

/** Reads only. */
export const READ_ACCESS: Access = { actions: new Set() };

/** @throws {StatusError} PERMISSION_DENIED ADMIN_READ_ONLY */
export function checkAction({ actions }: Access, action: AdminAction): void {
  if (actions.has(action)) return;
  const may = actions.size === 0 ? "look" : `look and ${[...actions].join(", ")}`;
  throw serviceError("ADMIN_READ_ONLY", `This operator may ${may}, and not ${action}.`, {
    metadata: { action },
  });
}

/** @throws {StatusError} PERMISSION_DENIED ADMIN_COLLECTION_REFUSED for an operator with a scope */
export function checkAll({ access: { scope } }: Operator): void {
  if (scope === undefined) return;
  throw serviceError(
    "ADMIN_COLLECTION_REFUSED",
    `This is about all collections, and this operator sees ${scope.parent}.`,
    { metadata: { parent: scope.parent } },
  );
}

/** Whether the operator may see operations below a parent. */
export function isWithin({ scope }: Access, parent: string): boolean {
  return scope === undefined || includesParent(scope, parent);
}

/**
 * @throws {StatusError} PERMISSION_DENIED ADMIN_COLLECTION_REFUSED if the operator may not see the
 * parent
 */
export function checkWithin(access: Access, parent: string): void {
  if (isWithin(access, parent)) return;
  const shown = parent.slice(0, 200);
  throw serviceError("ADMIN_COLLECTION_REFUSED", `This operator may not act under "${shown}".`, {
    metadata: { parent: shown },
  });
}

/**
 * The part of the requested collection that the operator sees.
 *
 * @param asked as a list's parent; empty for all collections
 * @returns undefined if that is empty
 * @throws {StatusError} INVALID_ARGUMENT NAME_INVALID
 */
export function narrowed({ scope }: Access, asked: string): Collection | undefined {
  const collection = collectionOf(asked === "" ? WILDCARD : parseCollection(asked));
  if (scope === undefined || scope.parent === WILDCARD) return collection;
  if (collection.parent === WILDCARD) return scope;
  const [wanted, seen] = [collection.parent.split("/"), scope.parent.split("/")];
  if (wanted.length !== seen.length) return undefined;
  const both = wanted.map((segment, index) => common(segment, seen[index] ?? ""));
  return both.includes(undefined) ? undefined : collectionOf(both.join("/"));
}

function common(wanted: string, seen: string): string | undefined {
  if (wanted === WILDCARD || wanted === seen) return seen;
  return seen === WILDCARD ? wanted : undefined;
}
