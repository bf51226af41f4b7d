import type { QuotaRule } from "../core/quota.ts";
import { EarlierLimits } from "./quotas.ts";
import type { Rules } from "./rules.ts";

/** The rules of a file, or the parts of rules that a program gives. */
export interface Hinted extends Pick<Rules, "quotas">, Partial<Pick<Rules, "grants" | "credentials">> {
  /** Undefined if a function of the program may name tenants. */
  readonly tenants: readonly string[] | undefined;
}

/**
 * Parts of valid rules that have no effect, as clauses for the operator. They are not mistakes,
 * because a program can supply the missing part: its own `authenticate` may return tenants.
 *
 * @param now milliseconds since the epoch
 */
export function hintsOf({ grants, quotas, tenants, credentials }: Hinted, now: number): readonly string[] {
  const hints: string[] = [];
  if (grants?.length === 0) hints.push("there are no grants: every call is refused");
  if (tenants?.length === 0 && quotas.some(({ of }) => of === "tenant"))
    hints.push('there are quotas of tenants, and no tenants; define them, such as tenants: ["projects/*"]');
  const keys = credentials?.keys ?? [];
  const expired = keys.filter(({ expireTime }) => expireTime !== null && expireTime <= now);
  const [first] = expired;
  if (first !== undefined) {
    const time = new Date(first.expireTime ?? 0).toISOString();
    hints.push(`the key of ${first.principal} expired at ${time}${more(expired)}`);
  }
  return hints;
}

/**
 * The same about quotas in the options of a program. In a file, a limit that never applies is a
 * mistake.
 */
export function quotaHintsOf(quotas: readonly QuotaRule[]): readonly string[] {
  const limits = new EarlierLimits<number>();
  const unapplied = quotas.flatMap((rule, index) =>
    limits.add(rule, index).map(({ limit, earlier }) => ({ index, limit, earlier })),
  );
  const [first] = unapplied;
  if (first === undefined) return [];
  const { index, limit, earlier } = first;
  const reason = `quotas[${earlier}] comes first and has it for the same callers`;
  return [`quotas[${index}].${limit} never applies, because ${reason}${more(unapplied)}`];
}

function more(list: readonly unknown[]): string {
  return list.length === 1 ? "" : `, and ${list.length - 1} more`;
}
