import { ANONYMOUS, IN_PROCESS } from "../core/caller.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { WILDCARD } from "../core/operation/collection.ts";
import { type Permission, PERMISSIONS } from "../core/permission.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import type { Grant } from "./grants.ts";
import { type GrantRules, GrantTable, parentsWithin, segmentsOf } from "./grant-table.ts";
import { refusalOf } from "./refusal.ts";

/**
 * Authorizes calls by rules, which may be replaced at any time. The program itself may do
 * everything.
 */
export class GrantAuthorizer implements Authorizer {
  #table: GrantTable;
  readonly #watchers = new Set<() => void>();

  readonly #clock: Pick<Clock, "now">;

  constructor(rules: GrantRules, clock: Pick<Clock, "now">) {
    this.#table = new GrantTable(rules);
    this.#clock = clock;
  }

  /** Uses other rules from now on. Calls in progress, such as waits, are authorized again. */
  replace(rules: GrantRules): void {
    this.#table = new GrantTable(rules);
    for (const each of this.#watchers) each();
  }

  /** Calls the listener when rules were replaced. @returns a function that removes the listener */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  #find(call: Call): Grant | undefined {
    return this.#table.find(call, this.#clock);
  }

  authorize(call: Call): undefined {
    if (call.caller === IN_PROCESS || this.#find(call) !== undefined) return;
    // Authenticated callers may always discover the service.
    if (call.permission === PERMISSIONS.discover && call.caller.principal !== ANONYMOUS.principal) return;
    if (isWideList(call) && this.parentsOf(call)?.length !== 0) return;
    throw refusalOf(call);
  }

  endsByTime(call: Call): boolean {
    if (call.caller === IN_PROCESS) return false;
    const grant = this.#find(call);
    // A grant with a time condition may end after the call was allowed.
    return grant === undefined || grant.condition?.asksTime === true;
  }

  authorizeSomewhere(call: Call): void {
    if (call.caller === IN_PROCESS || this.#table.permitsSomewhere(call)) return;
    throw refusalOf(call);
  }

  admit(call: Call, permissions: readonly Permission[]): void {
    if (!this.#table.hasSomewhere(call.caller, permissions)) throw refusalOf(call);
  }

  /** An operation looks the same to all callers. */
  viewOf(): string {
    return "";
  }

  parentsOf(call: Call): readonly string[] | undefined {
    if (call.caller === IN_PROCESS || this.#find(call) !== undefined) return undefined;
    const parents = this.#table.parentsOf(call.caller, call.permission);
    if (parents === undefined) return undefined;
    const within = parentsWithin(call.resource, parents);
    if (within.length <= LIMITS.listParentsMax) return within;
    throw serviceError(
      "TOO_MANY_PARENTS",
      `The caller may list below ${within.length} parents, and one list goes over ${LIMITS.listParentsMax} at most; list fewer at once.`,
    );
  }

  concealed(call: Call): StatusError | undefined {
    const list = { ...call, permission: PERMISSIONS.list };
    const isKnown = call.caller === IN_PROCESS || this.#find(list) !== undefined;
    return isKnown ? undefined : refusalOf(call);
  }
}

/** Whether a call lists several collections: it then gets those that it may see. */
function isWideList({ permission, resource }: Call): boolean {
  return permission === PERMISSIONS.list && segmentsOf(resource).includes(WILDCARD);
}
