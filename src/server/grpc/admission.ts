import { type Permission, PERMISSIONS } from "../../core/permission.ts";
import type { Caller } from "../../core/caller.ts";
import { invariant } from "../../core/invariant.ts";
import type { Authenticate } from "../../core/ports/authenticate.ts";
import type { Call } from "../../core/ports/authorizer.ts";
import type { Operations } from "../../engine/operations.ts";

/** The permissions for calls of the operations' services, by the name of the method. */
const NEEDED: Readonly<Record<string, Permission>> = {
  GetOperation: PERMISSIONS.get,
  ListOperations: PERMISSIONS.list,
  DeleteOperation: PERMISSIONS.delete,
  CancelOperation: PERMISSIONS.cancel,
  WaitOperation: PERMISSIONS.wait,
  WatchOperation: PERMISSIONS.watch,
  WatchOperations: PERMISSIONS.watch,
  StartOperations: PERMISSIONS.start,
  ClaimOperations: PERMISSIONS.claim,
  RenewAttempts: PERMISSIONS.claim,
  CompleteAttempts: PERMISSIONS.claim,
  FailAttempts: PERMISSIONS.claim,
  ReleaseAttempts: PERMISSIONS.claim,
};

/** The permission for calls of a method. */
export function neededBy(method: string): Permission {
  const permission = NEEDED[method];
  invariant(permission !== undefined, "each method needs a permission");
  return permission;
}

/** The gate for calls of operations that need a permission. */
export function gateOf(
  operations: Pick<Operations, "admit" | "asksBefore">,
  call: Omit<Call, "caller" | "resource">,
): (caller: Caller) => Promise<never> | undefined {
  return (caller) =>
    operations.asksBefore(caller) ? operations.admit({ ...call, caller, resource: "" }) : undefined;
}

/**
 * Authenticates as before, but rejects a caller without credentials that lacks the permission,
 * before its request is read.
 */
export function admitting(
  authenticate: Authenticate,
  admit: (caller: Caller) => Promise<never> | undefined,
): Authenticate {
  return (sender) => {
    const caller = authenticate(sender);
    if (caller instanceof Promise) return caller.then((each) => admit(each) ?? each);
    return admit(caller) ?? caller;
  };
}
