import type { JWTPayload } from "jose";
import type { Caller, Credential } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimUse, Issuer } from "./issuer.ts";
import { tokenInvalid } from "./refusals.ts";

/** The form of a principal's name in rules. */
const NAME = /^[^\s\p{Cc}]+$/u;

/**
 * The caller of a verified token.
 *
 * @throws {StatusError} UNAUTHENTICATED JWT_TOKEN_INVALID for claims without a valid name
 */
export function callerOfClaims(payload: JWTPayload, issuer: Issuer, credential: Credential): Caller {
  const { principal, groups } = issuer;
  const name = nameOf(payload[principal.claim], principal);
  // With an unverified address, the owner of an account could pretend to be anybody.
  const isUnverified = principal.claim === "email" && payload["email_verified"] === false;
  if (name === undefined) throw tokenInvalid(`Its claim ${principal.claim} is not accepted.`);
  if (isUnverified) throw tokenInvalid("Its claim email is not accepted, because email_verified is false.");
  const names = groups === undefined ? [] : groupsOf(payload[groups.claim], groups);
  if (names === undefined) throw tokenInvalid(`Its claim ${groups?.claim} is not accepted.`);
  return {
    principal: name,
    tenant: null,
    groups: names,
    quotaProject: undefined,
    traceparent: undefined,
    credential,
  };
}

/** Undefined for an invalid name. */
function nameOf(value: unknown, { prefix }: ClaimUse): string | undefined {
  if (typeof value !== "string" || !NAME.test(value)) return undefined;
  const name = prefix + value;
  return name.length > LIMITS.callerLengthMax ? undefined : name;
}

/**
 * Empty if the claim is missing; undefined if one of the values is invalid, or there are too many.
 */
function groupsOf(value: unknown, use: ClaimUse): readonly string[] | undefined {
  const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (values.length > LIMITS.callerGroupsMax) return undefined;
  const names = values.map((each) => nameOf(each, use));
  return names.every((name) => name !== undefined) ? names : undefined;
}
