import type { JWTPayload } from "jose";
import type { Caller, Credential } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ClaimUse, Issuer } from "./issuer.ts";
import { tokenInvalid } from "./refusals.ts";

/** What a name of somebody has: rules are written with it. */
const NAME = /^[^\s\p{Cc}]+$/u;

/**
 * Who a verified token is of.
 *
 * @throws {StatusError} UNAUTHENTICATED JWT_TOKEN_INVALID for claims that name nobody
 */
export function callerOfClaims(payload: JWTPayload, issuer: Issuer, credential: Credential): Caller {
  const { principal, groups } = issuer;
  const name = nameOf(payload[principal.claim], principal);
  // Whoever can make an account of any address could be anybody.
  const isUnverified = principal.claim === "email" && payload["email_verified"] === false;
  if (name === undefined || isUnverified) throw tokenInvalid(`Its claim ${principal.claim} is not accepted.`);
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

/** Undefined for what names nobody. */
function nameOf(value: unknown, { prefix }: ClaimUse): string | undefined {
  if (typeof value !== "string" || !NAME.test(value)) return undefined;
  const name = prefix + value;
  return name.length > LIMITS.callerLengthMax ? undefined : name;
}

/** None where the claim is missing; undefined where one of them is no name, or there are too many. */
function groupsOf(value: unknown, use: ClaimUse): readonly string[] | undefined {
  const values: readonly unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value];
  if (values.length > LIMITS.callerGroupsMax) return undefined;
  const names = values.map((each) => nameOf(each, use));
  return names.every((name) => name !== undefined) ? names : undefined;
}
