import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { WILDCARD } from "../core/operation/collection.ts";
import { parseCollection, parseName } from "../core/operation/name.ts";
import type { Permission } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import type { Clock } from "../core/ports/clock.ts";
import { ALL, ALL_AUTHENTICATED, type Grant } from "./grants.ts";
import type { Rules } from "./rules.ts";
import { Recent } from "../core/value/recent.ts";

/** The number of resources whose last verdict is kept, and their greatest length in characters. */
const KEPT_MAX = 1_000;
const KEPT_LENGTH_MAX = 500;

/** The rules of a file about permissions. */
export type GrantRules = Pick<Rules, "grants" | "groups">;

/**
 * An index of grants. A decision examines only the grants of the caller and its groups along the
 * segments of one parent, however many other grants there are.
 */
export class GrantTable {
  readonly #roots = new Map<string, Node>();
  /** The groups in the file, by principal. */
  readonly #groups = new Map<string, string[]>();

  /** By resource. */
  readonly #verdicts = new Recent<string, Verdict>(KEPT_MAX);

  constructor({ grants, groups }: GrantRules) {
    for (const [group, principals] of groups) {
      for (const principal of principals) {
        const known = this.#groups.get(principal);
        if (known === undefined) this.#groups.set(principal, [group]);
        else known.push(group);
      }
    }
    for (const grant of grants) for (const member of grant.members) this.#add(member, grant);
  }

  #add(member: string, grant: Grant): void {
    let node = this.#roots.get(member);
    if (node === undefined) this.#roots.set(member, (node = new Node()));
    for (const segment of grant.parent) node = node.childFor(segment);
    node.add(grant);
  }

  /**
   * A grant that allows a call; undefined if there is none.
   *
   * A polling caller makes the same call again and again, so the last grant for each resource is
   * kept. A caller with another verdict pays the same whether one is kept or not: the time of a
   * refusal does not show that others call.
   */
  find(call: Call, clock: Pick<Clock, "now">): Grant | undefined {
    const { caller, permission, resource } = call;
    const kept = this.#verdicts.get(resource);
    if (
      kept !== undefined &&
      kept.permission === permission &&
      kept.principal === caller.principal &&
      kept.groups === caller.groups
    )
      return kept.grant;
    const grant = this.#search(call, clock);
    if (grant !== undefined && !isBound(grant) && resource.length <= KEPT_LENGTH_MAX)
      this.#verdicts.set(resource, { permission, principal: caller.principal, groups: caller.groups, grant });
    return grant;
  }

  #search(call: Call, clock: Pick<Clock, "now">): Grant | undefined {
    const segments = segmentsOf(call.resource);
    const at = { depth: 0, clock, isWide: segments.includes(WILDCARD) };
    for (const member of this.membersOf(call.caller)) {
      const found = this.#roots.get(member)?.find(call, segments, at);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whether a grant would allow the call on some other resource. */
  permitsSomewhere(call: Call): boolean {
    for (const member of this.membersOf(call.caller))
      if (this.#roots.get(member)?.permitsSomewhere(call) === true) return true;
    return false;
  }

  /**
   * Whether any grant gives a caller one of these permissions, regardless of its other conditions.
   */
  hasSomewhere(caller: Caller, permissions: readonly Permission[]): boolean {
    for (const member of this.membersOf(caller))
      if (this.#roots.get(member)?.hasSomewhere(permissions) === true) return true;
    return false;
  }

  /**
   * The parents at or below which a caller has a permission, regardless of other conditions;
   * without duplicates and without parents below another.
   *
   * @returns undefined for all parents
   */
  parentsOf(caller: Caller, permission: Permission): readonly string[] | undefined {
    const found: string[] = [];
    for (const member of this.membersOf(caller)) this.#roots.get(member)?.collect(permission, [], found);
    const parents = new Set(found);
    return parents.has("") ? undefined : [...parents].filter((parent) => !isBelowOneOf(parents, parent));
  }

  /** All members that may stand for a caller in grants, the caller's principal first. */
  *membersOf({ principal, groups }: Caller): Iterable<string> {
    const isAnonymous = principal === ANONYMOUS.principal;
    if (!isAnonymous) {
      yield principal;
      yield* groups;
      yield* this.#groups.get(principal) ?? [];
      yield ALL_AUTHENTICATED;
    }
    yield ALL;
  }
}

/** A grant without further conditions: it allows the same call as long as the rules are in force. */
interface Verdict {
  readonly permission: Permission;
  readonly principal: string;
  readonly groups: readonly string[];
  readonly grant: Grant;
}

/** The position of a search, and its call. */
interface At {
  readonly depth: number;
  readonly clock: Pick<Clock, "now">;
  /**
   * Whether the call covers several collections: a condition that holds for their pattern may not
   * hold for each of them.
   */
  readonly isWide: boolean;
}

/** The grants of one member at a parent, and those below it. */
class Node {
  /** Grants without further conditions, by permission. */
  readonly #free = new Map<Permission, Grant>();
  /** Grants with further conditions. */
  readonly #bound: Grant[] = [];
  readonly #children = new Map<string, Node>();

  add(grant: Grant): void {
    if (isBound(grant)) this.#bound.push(grant);
    else for (const each of grant.permissions) if (!this.#free.has(each)) this.#free.set(each, grant);
  }

  childFor(segment: string): Node {
    let child = this.#children.get(segment);
    if (child === undefined) this.#children.set(segment, (child = new Node()));
    return child;
  }

  find(call: Call, segments: readonly string[], at: At): Grant | undefined {
    const { depth } = at;
    const found = this.#free.get(call.permission) ?? this.#bound.find((grant) => fits(grant, call, at));
    if (found !== undefined) return found;
    const segment = segments[depth];
    if (segment === undefined) return undefined;
    return this.#children.get(segment)?.find(call, segments, { ...at, depth: depth + 1 });
  }

  permitsSomewhere(call: Call): boolean {
    if (this.#free.has(call.permission) || this.#bound.some((grant) => isAbout(grant, call))) return true;
    return this.#children.values().some((child) => child.permitsSomewhere(call));
  }

  hasSomewhere(permissions: readonly Permission[]): boolean {
    const has = (each: Permission): boolean =>
      this.#free.has(each) || this.#bound.some((grant) => grant.permissions.has(each));
    return permissions.some(has) || this.#children.values().some((child) => child.hasSomewhere(permissions));
  }

  /** @param found the list to add to */
  collect(permission: Permission, path: readonly string[], found: string[]): void {
    if (this.#free.has(permission)) found.push(path.join("/"));
    else for (const [segment, child] of this.#children) child.collect(permission, [...path, segment], found);
  }
}

/** Whether a parent is below one of several. */
function isBelowOneOf(parents: ReadonlySet<string>, parent: string): boolean {
  for (let end = parent.lastIndexOf("/"); end > 0; end = parent.lastIndexOf("/", end - 1))
    if (parents.has(parent.slice(0, end))) return true;
  return false;
}

/** Whether a grant has conditions besides its permission and its parent. */
function isBound({ methods, condition }: Grant): boolean {
  return methods !== undefined || condition !== undefined;
}

/** Whether a grant permits a call of its members below its parent. */
function fits(grant: Grant, call: Call, { clock, isWide }: At): boolean {
  const { condition } = grant;
  return isAbout(grant, call) && (condition === undefined || (!isWide && condition.holds(call, clock.now())));
}

/** The same, without evaluating the condition. */
export function isAbout({ permissions, methods }: Grant, { permission, method }: Call): boolean {
  // A call without a method cannot match a grant for certain methods.
  return (
    permissions.has(permission) && (methods === undefined || (method !== undefined && methods.has(method)))
  );
}

/** The segments of a call's parent: of an operation, of a collection, or of a start. */
export function segmentsOf(resource: string): readonly string[] {
  const parent = parseName(resource)?.parent ?? parseCollection(resource);
  return parent === "" ? [] : parent.normalize("NFC").split("/");
}

/**
 * The parents among the given ones at or below which a list over several collections may find
 * something.
 */
export function parentsWithin(resource: string, parents: readonly string[]): readonly string[] {
  const asked = segmentsOf(resource);
  if (asked.length === 1) return parents;
  return parents.filter((parent) => {
    const segments = parent.split("/");
    if (segments.length > asked.length) return false;
    return segments.every((each, at) => asked[at] === WILDCARD || asked[at] === each);
  });
}
