import { WILDCARD } from "../core/operation/collection.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { GrantTable, isAbout, segmentsOf } from "./grant-table.ts";
import type { Grant } from "./grants.ts";
import type { Rules } from "./rules.ts";

/** A decision and its reasons. */
export interface Explanation {
  readonly isAllowed: boolean;
  /** The grant that allows the call. */
  readonly grant: Grant | undefined;
  /** Grants to the caller that do not allow it, each with the reason. */
  readonly missed: readonly { readonly grant: Grant; readonly why: string }[];
}

/**
 * Evaluates the rules for a call at a time, and explains the decision. It examines all grants: use
 * it for people, not for calls.
 */
export function explain(rules: Rules, call: Call, now: number): Explanation {
  const table = new GrantTable(rules);
  const members = new Set(table.membersOf(call.caller));
  const grant = table.find(call, { now: () => now });
  const missed = rules.grants
    .filter((each) => each.members.some((member) => members.has(member)))
    .flatMap((each) => {
      const why = whyNot(each, call, now);
      return why === undefined ? [] : [{ grant: each, why }];
    });
  return { isAllowed: grant !== undefined, grant, missed };
}

/** The reason why a grant to the caller does not allow a call; undefined if it does. */
function whyNot(grant: Grant, call: Call, now: number): string | undefined {
  const { parent, permissions, methods, condition } = grant;
  const asked = segmentsOf(call.resource);
  if (!parent.every((segment, at) => segment === asked[at])) return `its parent is ${parent.join("/")}`;
  if (!permissions.has(call.permission)) return `it does not give ${call.permission}`;
  if (!isAbout(grant, call)) return `it is limited to starts of ${[...(methods ?? [])].join(", ")}`;
  if (condition !== undefined && asked.includes(WILDCARD))
    return "it has a condition, and such grants do not apply to several collections (-)";
  return condition?.holds(call, now) === false ? `its condition is not true: ${condition.text}` : undefined;
}
