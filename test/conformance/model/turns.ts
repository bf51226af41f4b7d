import type { Expected } from "./expected.ts";

/**
 * If claimable operations are left over, and any of them belongs to a tenant, tenants take turns.
 * The store decides which operations of a priority it returns, but not how many.
 *
 * @returns the answer, if it is allowed
 */
export function turnsOf(
  answered: ReadonlySet<string>,
  model: {
    readonly pending: readonly Expected[];
    readonly claimed: readonly Expected[];
    readonly wanted: ReadonlyMap<string, number>;
    readonly now: number;
  },
): readonly Expected[] | undefined {
  const { pending, claimed, wanted, now } = model;
  const available = pending.filter((each) => each.availableTime <= now);
  if (available.length === claimed.length || !available.some(isOfTenant)) return undefined;
  const byId = new Map(available.map((each) => [each.id, each]));
  const taken = [...answered].map((id) => byId.get(id)).filter((each) => each !== undefined);
  if (taken.length !== answered.size || prioritiesOf(taken) !== prioritiesOf(claimed)) return undefined;
  for (const [method, limit] of wanted)
    if (taken.filter((each) => each.method === method).length > limit) return undefined;
  return taken;
}

/** Whether its caller belongs to a tenant. */
export function isOfTenant({ caller }: Expected): boolean {
  return caller?.includes('"tenant":"') === true;
}

function prioritiesOf(all: readonly Expected[]): string {
  return all
    .map(({ priority }) => priority)
    .toSorted((a, b) => a - b)
    .join();
}
