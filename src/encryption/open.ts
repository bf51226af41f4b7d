import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { usualTenantOf } from "./data-key-record.ts";
import { DataKeys } from "./data-keys.ts";
import { EncryptedStore } from "./encrypted-store.ts";
import type { Keks } from "./keks.ts";
import { KeyPurge } from "./key-purge.ts";
import { requireKeks } from "./needed-keks.ts";
import { Opening } from "./opening.ts";
import { Sealing } from "./sealing.ts";

/** The parts of an encrypted store. */
export interface EncryptionParts {
  readonly keks: Keks;
  /** Whether new payloads are sealed. */
  readonly seals: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The name of the service. */
  readonly service: string;
  /** The configured tenant of a parent; null for none. */
  readonly configuredTenantOf?: (parent: string) => string | null;
}

/**
 * Wraps a store with the encryption of payloads.
 *
 * @throws {StatusError} FAILED_PRECONDITION if the store has keys of a KEK that is not here
 */
export async function encryptedStore(store: Store, parts: EncryptionParts): Promise<Store> {
  const { keks, seals, service: domain, tell, random, configuredTenantOf } = parts;
  await requireKeks(store, (id) => keks.has(id));
  const tenantOf = (parent: string): string => configuredTenantOf?.(parent) ?? usualTenantOf(parent);
  const time = (): number => store.time();
  const keys = new DataKeys({ ...parts, resources: store.resources, time });
  const keyPurge = new KeyPurge({ ...parts, store });
  const opening = new Opening({ keys, domain, tell });
  const sealing = new Sealing(random);
  return new EncryptedStore({ store, keys, keyPurge, sealing, opening, seals, domain, tenantOf });
}
