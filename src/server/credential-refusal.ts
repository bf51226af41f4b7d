import { type Reason, StatusError } from "../core/error/error.ts";

/** The errors about credentials in which Google's services name the service and the RPC. */
const NAMING_CALL: ReadonlySet<string | undefined> = new Set<Reason>([
  "CREDENTIALS_MISSING",
  "ACCESS_TOKEN_EXPIRED",
  "JWT_TOKEN_INVALID",
  "ACCESS_TOKEN_TYPE_UNSUPPORTED",
  "CREDENTIAL_TYPE_UNSUPPORTED",
  "OVERLOADED_CREDENTIALS",
  "CLIENT_CERTIFICATE_INVALID",
  "API_KEY_INVALID",
  "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
  "CREDENTIALS_UNCHECKED",
]);

/**
 * The same error; if it concerns credentials, it names the call.
 *
 * @param method returns the name of the RPC, such as `google.longrunning.Operations.GetOperation`;
 * undefined for none
 */
export function namingCall(
  error: StatusError,
  service: string,
  method: () => string | undefined,
): StatusError {
  if (!NAMING_CALL.has(error.reason)) return error;
  const { code, message, reason = code, metadata, details, cause } = error;
  const name = method();
  const called: Readonly<Record<string, string>> =
    name === undefined ? { service } : { service, method: name };
  return new StatusError(code, message, { reason, metadata: { ...called, ...metadata }, details, cause });
}

/**
 * The header `WWW-Authenticate` for an error: every 401 has one, and the 403 for a missing scope.
 * Undefined for other errors.
 *
 * @param realm the name of the service
 * @see RFC 9110, section 11.6.1; RFC 6750, section 3
 */
export function challengeOf({ code, reason, metadata }: StatusError, realm: string): string | undefined {
  const bearer = `Bearer realm="${realm}"`;
  if (reason === "ACCESS_TOKEN_SCOPE_INSUFFICIENT")
    return `${bearer}, error="insufficient_scope", scope="${scopesIn(metadata)}"`;
  if (code !== "UNAUTHENTICATED") return undefined;
  return reason === "CREDENTIALS_MISSING" ? bearer : `${bearer}, error="invalid_token"`;
}

/**
 * The missing scopes, with only characters that a header allows, because handlers of methods choose
 * the metadata of their errors.
 */
function scopesIn(metadata: Readonly<Record<string, string>>): string {
  return (metadata["scopes"] ?? "").replaceAll(/[^ !#-[\]-~]/g, "");
}
