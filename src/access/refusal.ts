import { ANONYMOUS } from "../core/caller.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";

/** The longest part of a resource's name in an error, in characters. */
const SHOWN_MAX = 500;

/**
 * The error for a missing permission. It is the same for existing and missing resources, because
 * nothing was read (AIP-211).
 *
 * @see google/api/error_reason.proto
 */
export function refusalOf(call: Call): StatusError {
  const { caller, permission } = call;
  if (caller.principal === ANONYMOUS.principal)
    return serviceError(
      "CREDENTIALS_MISSING",
      "Request is missing required authentication credential. Expected an access token or an API key.",
    );
  const resource = resourceOf(call).slice(0, SHOWN_MAX).toWellFormed();
  return serviceError(
    "IAM_PERMISSION_DENIED",
    `Permission '${permission}' denied on resource '${resource}' (or it might not exist).`,
    { metadata: { permission, resource } },
  );
}

/** The resource in the error, if the call's resource has no name. */
function resourceOf({ permission, resource, method }: Call): string {
  if (resource !== "") return resource;
  if (permission === PERMISSIONS.start || permission === PERMISSIONS.list) return "operations";
  return method ?? (permission === PERMISSIONS.discover ? "discovery" : "-");
}
