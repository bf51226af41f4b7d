import { retryInfo } from "../../core/error/details.ts";
import { serviceError, type StatusError } from "../../core/error/error.ts";
import { formatDuration } from "../../core/value/duration.ts";

/**
 * The errors about credentials, with Google's reasons. They contain no part of a credential. Edges
 * add the called service and RPC.
 *
 * @see google/api/error_reason.proto; docs/credentials.md
 */

const INVALID = "Request had invalid authentication credentials.";

export function tokenExpired(): StatusError {
  return serviceError("ACCESS_TOKEN_EXPIRED", `${INVALID} The access token has expired.`);
}

/** @param why a sentence */
export function tokenInvalid(why: string): StatusError {
  return serviceError("JWT_TOKEN_INVALID", `${INVALID} ${why}`);
}

/** For a token that is not a signed JWT. */
export function tokenUnsupported(): StatusError {
  return serviceError("ACCESS_TOKEN_TYPE_UNSUPPORTED", `${INVALID} The access token is not a signed JWT.`);
}

/** For another kind of `Authorization` header. */
export function kindUnsupported(): StatusError {
  return serviceError("CREDENTIAL_TYPE_UNSUPPORTED", `${INVALID} Expected Authorization: Bearer TOKEN.`);
}

/** For several credentials of the same kind. */
export function overloaded(): StatusError {
  return serviceError(
    "OVERLOADED_CREDENTIALS",
    `${INVALID} The request has more than one access token, or more than one API key.`,
  );
}

export function keyInvalid(): StatusError {
  return serviceError("API_KEY_INVALID", "API key not valid. Please pass a valid API key.");
}

export function keyExpired(): StatusError {
  return serviceError("API_KEY_INVALID", "API key expired. Please renew the API key.");
}

/** @param why a sentence */
export function certificateInvalid(why: string): StatusError {
  return serviceError("CLIENT_CERTIFICATE_INVALID", `${INVALID} ${why}`);
}

/** @param scopes the required scopes */
export function scopeMissing(scopes: readonly string[]): StatusError {
  const metadata = { scopes: scopes.join(" ") };
  return serviceError("ACCESS_TOKEN_SCOPE_INSUFFICIENT", "Request had insufficient authentication scopes.", {
    metadata,
  });
}

/** The service for checking credentials is unavailable, which is no fault of the caller. */
export function unchecked(retryMs: number, cause: unknown): StatusError {
  const details = [retryInfo({ retryDelay: formatDuration(retryMs) })];
  const message = "The credentials of the request cannot be checked at the moment; try again.";
  return serviceError("CREDENTIALS_UNCHECKED", message, { cause, details });
}
