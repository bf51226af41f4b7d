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
  const expired = credentials.keys.filter(({ expireTime }) => expireTime !== null && expireTime <= now);
  const [first] = expired;
  if (first !== undefined) {
    const more = expired.length === 1 ? "" : `, and ${expired.length - 1} more`;
    hints.push(
      `the key of ${first.principal} expired at ${new Date(first.expireTime ?? 0).toISOString()}${more}`,
    );
  }
  return hints;
}
