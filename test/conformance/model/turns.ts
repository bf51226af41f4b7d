import type { Expected } from "./expected.ts";

/**
 * Where something is left that might have been taken, and anything is of a tenant's, tenants take turns: which operations of a priority are
 * taken is the store's to say, and how many are not.
 *
 * @returns what was answered, if it may be so
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

/** Whether whoever started it is of a tenant. */
export function isOfTenant({ caller }: Expected): boolean {
  return caller?.includes('"tenant":"') === true;
}

function prioritiesOf(all: readonly Expected[]): string {
  return all
    .map(({ priority }) => priority)
    .toSorted((a, b) => a - b)
    .join();
}
