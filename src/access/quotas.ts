import { LIMITS } from "../core/limits.ts";
import {
  QUOTA_SUBJECTS,
  type QuotaRule,
  type Rate,
  RATE_FORM,
  RATE_METRICS,
  parseRate,
} from "../core/quota.ts";
import type { Entry } from "../forms/entry.ts";
import { type Form, listOf, object, oneOf, text, whole } from "../forms/form.ts";

const RATE: Form<string> = text({
  description: "Calls in a second (s), a minute (m) or an hour (h), such as 600/m.",
  pattern: RATE_FORM,
  expected: "calls in a second, a minute or an hour, such as 600/m",
});

const QUOTA = object(
  {
    of: oneOf(QUOTA_SUBJECTS, "Whom it limits, each for itself."),
    only: listOf(text({ description: "A tenant, or a principal." }), {
      description: "Only these. Without: all that no rule before has limited.",
      min: 1,
    }),
    read: RATE,
    write: RATE,
    wait: RATE,
    unfinished: whole({
      description: "Operations that a tenant may have started and not done, at a time.",
      min: 1,
      max: LIMITS.unfinishedMax,
    }),
  },
  { description: "How often somebody may call.", required: ["of"] },
);

const LIMITING = [...RATE_METRICS, "unfinished"];

/** The section `quotas`. */
export const QUOTAS: Form<readonly QuotaRule[]> = listOf(
  { schema: QUOTA.schema, read: readQuota },
  { description: "How often callers may call." },
);

function readQuota(entry: Entry): QuotaRule | undefined {
  const read = QUOTA.read(entry);
  if (read === undefined) return undefined;
  const { of, only, unfinished, ...written } = read;
  const rates: Record<string, Rate> = {};
  for (const [metric, rate] of Object.entries(written)) {
    const parsed = rate === undefined ? undefined : parseRate(rate);
    if (parsed !== undefined) rates[metric] = parsed;
  }
  const { value } = entry;
  if (value instanceof Map && !LIMITING.some((each) => value.has(each)))
    entry.refuse('it limits nothing: give "read", "write", "wait" or "unfinished"');
  if (unfinished !== undefined && of !== "tenant")
    entry.refuse(`"unfinished" is for tenants, and this is of each ${of}`);
  return { of, only: only === undefined ? undefined : new Set(only), rates, unfinished };
}
