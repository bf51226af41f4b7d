import { StatusError } from "../core/error/error.ts";
import { checkParent } from "../core/operation/name.ts";
import type { Tenants } from "../core/ports/tenants.ts";
import type { Entry } from "../forms/entry.ts";
import { checked, type Form, listOf, text } from "../forms/form.ts";

const ANY = "*";

/** The section `tenants`. */
export const TENANTS: Form<readonly string[]> = listOf(
  checked(
    text({
      description:
        'The first segments of a parent of the tenant, such as projects/*; "*" matches any segment.',
    }),
    (pattern: string, entry: Entry) => {
      const violation = patternViolation(pattern);
      if (violation !== undefined) entry.refuse(violation);
    },
  ),
  { description: "Tenants are parents that match a pattern. The longest matching pattern applies." },
);

/** The reason why a text is not a valid pattern of tenants. */
export function patternViolation(pattern: string): string | undefined {
  const segments = pattern.split("/");
  if (segments.some((each) => each === "-" || (each.includes(ANY) && each !== ANY)))
    return `expected segments such as projects/*, where "*" is a whole segment, got ${JSON.stringify(pattern)}`;
  try {
    checkParent(segments.map((segment) => (segment === ANY ? "any" : segment)).join("/"));
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return undefined;
}

/** Determines tenants by patterns of parents. */
export class TenantPatterns implements Tenants {
  readonly #form: RegExp | undefined;

  constructor(patterns: readonly string[]) {
    const longestFirst = patterns.map((each) => each.split("/")).toSorted((a, b) => b.length - a.length);
    const forms = longestFirst.map((segments) => segments.map(segmentForm).join("/"));
    this.#form = forms.length === 0 ? undefined : new RegExp(`^(?:${forms.join("|")})(?=/|$)`, "u");
  }

  of(resource: string): string | null {
    return this.#form?.exec(resource)?.[0].normalize("NFC") ?? null;
  }
}

/** The wildcard of a list belongs to no tenant, and neither does a resource without a parent. */
function segmentForm(segment: string, index: number): string {
  if (segment !== ANY) return RegExp.escape(segment);
  return index === 0 ? "(?!-(?:/|$)|operations(?:/|$))[^/]+" : "(?!-(?:/|$))[^/]+";
}
