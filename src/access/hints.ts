import type { Rules } from "./rules.ts";

/**
 * Parts of valid rules that have no effect, as clauses for the operator. They are not mistakes,
 * because a program can supply the missing part: its own `authenticate` may return tenants.
 *
 * @param now milliseconds since the epoch
 */
export function hintsOf(
  { grants, quotas, tenants, credentials }: Pick<Rules, "grants" | "quotas" | "tenants" | "credentials">,
  now: number,
): readonly string[] {
  const hints: string[] = [];
  if (grants.length === 0) hints.push("there are no grants: every call is refused");
  if (tenants.length === 0 && quotas.some(({ of }) => of === "tenant"))
    hints.push('there are quotas of tenants, and no tenants; define them, such as tenants: ["projects/*"]');
  for (const { principal, expireTime } of credentials.keys)
    if (expireTime !== null && expireTime <= now)
      hints.push(`a key of ${principal} expired at ${new Date(expireTime).toISOString()}`);
  return hints;
}
