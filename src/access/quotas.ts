import { isIP } from "node:net";
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
import { PRINCIPAL } from "./grants.ts";

const RATE: Form<string> = text({
  description: "Calls per second (s), minute (m) or hour (h), such as 600/m.",
  pattern: RATE_FORM,
  expected: "calls per second (s), minute (m) or hour (h), such as 600/m",
});

const QUOTA = object(
  {
    of: oneOf(
      QUOTA_SUBJECTS,
      "The rule applies separately to each tenant, principal or user of a principal.",
    ),
    only: listOf(text({ description: "A tenant, or a principal." }), {
      description: "The tenants or principals to which the rule applies. Default: all.",
      min: 1,
    }),
    read: RATE,
    write: RATE,
    wait: RATE,
    unfinished: whole({
      description: "The number of operations of a tenant that are not done.",
      min: 1,
      max: LIMITS.unfinishedMax,
    }),
  },
  { description: "Limits for each tenant, principal or user.", required: ["of"] },
);

const LIMITING = [...RATE_METRICS, "unfinished"];

/** The section `quotas`. */
export const QUOTAS: Form<readonly QuotaRule[]> = quotasForm();

function quotasForm(): Form<readonly QuotaRule[]> {
  const description = "Limits of callers and tenants. For each limit, the first matching rule applies.";
  const list = listOf({ schema: QUOTA.schema, read: readQuota }, { description });
  return {
    schema: list.schema,
    read: (entry) => {
      const rules = list.read(entry);
      const limits = new EarlierLimits<Entry>();
      for (const { rule, entry: written } of rules ?? [])
        for (const { limit, earlier } of limits.add(rule, written))
          written
            .nearest([limit])
            .refuse(
              `the limit never applies: the rule in line ${earlier.place.line} comes first and has it for the same callers`,
            );
      return rules?.map(({ rule }) => rule);
    },
  };
}

/** A rule and its entry. */
interface WrittenRule {
  readonly rule: QuotaRule;
  readonly entry: Entry;
}

function readQuota(entry: Entry): WrittenRule | undefined {
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
    entry.refuse('the rule limits nothing; add "read", "write", "wait" or "unfinished"');
  if (unfinished !== undefined && of !== "tenant")
    entry
      .nearest(["unfinished"])
      .refuse(`only rules of each tenant can have it, and this is a rule of each ${of}`);
  for (const [index, name] of (only ?? []).entries()) checkSubject(of, name, entry.nearest(["only", index]));
  return { rule: { of, only: only === undefined ? undefined : new Set(only), rates, unfinished }, entry };
}

/** Reports a name to which a rule can never apply. */
function checkSubject(of: QuotaRule["of"], name: string, entry: Entry): void {
  const isPossible =
    of === "tenant" ? !name.includes("*") : PRINCIPAL.test(name) || isIP(name.replace(/\/64$/, "")) !== 0;
  const expected =
    of === "tenant"
      ? 'a tenant such as projects/a, without "*"'
      : "user:… or serviceAccount:…, or the IP address of callers without credentials";
  if (!isPossible) entry.refuse(`expected ${expected}, got ${entry.shown}`);
}

/** A limit that never applies, and the place of an earlier rule that has it for the same callers. */
interface Unapplied<Place> {
  readonly limit: string;
  readonly earlier: Place;
}

/** The limits of the rules so far, to find later rules that never apply. */
export class EarlierLimits<Place> {
  /** By subject and limit: the first rule for all, and the rules for some by name. */
  readonly #all = new Map<string, Place>();
  readonly #named = new Map<string, Place>();

  /** Adds a rule. @returns its limits that never apply, each with the place of an earlier rule */
  add({ of, only, rates, unfinished }: QuotaRule, place: Place): readonly Unapplied<Place>[] {
    const limits = [...Object.keys(rates), ...(unfinished === undefined ? [] : ["unfinished"])];
    return limits.flatMap((limit) => {
      const key = `${of} ${limit}`;
      const earlier = this.#earlier(key, only);
      if (only === undefined) this.#all.set(key, this.#all.get(key) ?? place);
      for (const name of only ?? []) this.#named.set(`${key} ${name}`, place);
      return earlier === undefined ? [] : [{ limit, earlier }];
    });
  }

  /** An earlier rule with the same limit for all subjects of a rule. */
  #earlier(key: string, only: ReadonlySet<string> | undefined): Place | undefined {
    const all = this.#all.get(key);
    if (all !== undefined || only === undefined) return all;
    const named = [...only].map((name) => this.#named.get(`${key} ${name}`));
    return named.every((each) => each !== undefined) ? named[0] : undefined;
  }
}
