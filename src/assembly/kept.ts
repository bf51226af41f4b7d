import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { openStore, type OpenOptions } from "../store/open.ts";
import { openAccess, type OpenedAccess, type readAccess } from "./access.ts";
import type { encryptionOf } from "./encryption.ts";
import type { Before } from "./interfaces.ts";

/** A store as the service uses it, and the access of callers. */
interface Kept {
  readonly store: Store;
  readonly access: OpenedAccess | undefined;
}

/**
 * Opens a store, wraps it with encryption, and opens access on it: API keys are read from the
 * store, and the encryption gets the tenant of a parent from access. If it fails, nothing stays
 * open.
 */
export async function openKept(
  address: string,
  {
    encryption,
    rules,
    ...how
  }: OpenOptions & {
    readonly clock: Clock;
    readonly encryption: Awaited<ReturnType<typeof encryptionOf>>;
    readonly rules: Awaited<ReturnType<typeof readAccess>>;
  },
): Promise<Kept> {
  let access: OpenedAccess | undefined;
  const opened = await openStore(address, how);
  const store = await encryption(opened, (parent) => access?.tenants?.of(parent) ?? null);
  try {
    access = await openAccess(rules, { store, clock: how.clock });
    return { store, access };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The same, with access restricted by a component before the server. */
export function narrowed({ store, access }: Kept, before: Pick<Before, "narrow"> | undefined): Kept {
  const { authorizer } = access ?? {};
  if (access === undefined || authorizer === undefined || before?.narrow === undefined)
    return { store, access };
  return { store, access: { ...access, authorizer: before.narrow(authorizer) } };
}
