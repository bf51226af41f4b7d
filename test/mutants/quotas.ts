import type { Mutant } from "./mutant.ts";

/** Faults of `src/quotas`, and of the code that counts calls. */
export const QUOTAS: readonly Mutant[] = [
  {
    id: "quota-overfull",
    file: "src/quotas/buckets.ts",
    find: "known.tokens = Math.min(most, known.tokens + gained);",
    replace: "known.tokens += gained;",
    fault: "A caller that was silent for a day may make the calls of a day at once.",
  },
  {
    id: "quota-buckets-unbounded",
    file: "src/quotas/buckets.ts",
    find: "new Recent<string, Bucket>(LIMITS.quotaBucketsMax)",
    replace: "new Recent<string, Bucket>()",
    fault: "Callers that invent users fill the memory.",
  },
  {
    id: "quota-partly-counted",
    file: "src/quotas/quotas.ts",
    find: "if (exceeded === undefined) for (const { key, rate } of counted)",
    replace: "for (const { key, rate } of counted)",
    fault: "A refused call counts.",
  },
  {
    id: "quota-user-adds",
    file: "src/quotas/quotas.ts",
    find: 'add("principal", principal, principal);',
    replace: 'if (quotaUser === undefined) add("principal", principal, principal);',
    fault: "A caller that names users may call more often.",
  },
  {
    id: "quota-no-pause",
    file: "src/quotas/quotas.ts",
    find: "const pauseMs = Math.min(retryMs, LIMITS.quotaPauseMs);",
    replace: "const pauseMs = 0;",
    fault: "A caller that does not wait by itself is refused at once, as often as it asks.",
  },
  {
    id: "tenant-of-a-wildcard",
    file: "src/access/tenants.ts",
    find: ': "(?!-(?:/|$))[^/]+";',
    replace: ': "[^/]+";',
    fault: "A list of all projects counts for a tenant of its own.",
  },
  {
    id: "tenant-by-the-shortest",
    file: "src/access/tenants.ts",
    find: "b.length - a.length",
    replace: "a.length - b.length",
    fault: "Of nested patterns, the outer one counts.",
  },
  {
    id: "tenant-not-stored",
    file: "src/engine/operations.ts",
    find: "(whose) => starting.start(whose, start, setting)",
    replace: "() => starting.start(caller, start, setting)",
    fault: "An operation does not know its tenant.",
  },
  {
    id: "unfinished-of-neighbours",
    file: "src/store/statistics/below.ts",
    find: "[`${parent}/`, `${parent}0`]",
    replace: "[parent, `${parent}0`]",
    fault: "Operations of projects/p-x count for projects/p.",
  },
  {
    id: "unfinished-asked-each-time",
    file: "src/quotas/amounts.ts",
    find: "if (ageMs < LIMITS.quotaCountMs && isWithin) {",
    replace: "if (ageMs < 0 && isWithin) {",
    fault: "Each start of a tenant counts the operations in the store.",
  },
  {
    id: "quota-kept-polls",
    file: "src/engine/policy.ts",
    find: "if (!this.#policy.quotas.passes(call)) return undefined;",
    replace: "",
    fault: "Polls that are answered from memory are not counted.",
  },
  {
    id: "quota-user-of-polls",
    file: "src/server/rest/cached-get.ts",
    find: "QUOTA_USER.test(target) ? undefined : ",
    replace: "",
    fault: "A kept answer is sent whatever the user in the query has left.",
  },
];
