import type { SettingsFor } from "../config/parse.ts";
import { ownEnvironment } from "../config/own-process.ts";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { checkOptionNames } from "../core/value/options.ts";
import { requireKeks } from "../encryption/needed-keks.ts";

/** The options for encrypting payloads. */
export interface EncryptionOptions {
  /**
   * The sources of the key-encryption keys: `file:PATH`, `env:NAME` or `exec:COMMAND`. The first
   * key encrypts, all of them decrypt.
   */
  readonly keks: readonly string[];
  /** Whether new payloads are encrypted. @default true */
  readonly encrypt?: boolean;
}

/** Wraps a store with encryption. `tenantOf`: the tenant of a parent; null for none. */
type EncryptsStore = (store: Store, tenantOf: (parent: string) => string | null) => Promise<Store>;

/** Checks the names of the options. @throws {TypeError} */
export function checkEncryption(encryption: EncryptionOptions): void {
  const example = '{ keks: ["file:/etc/longrunning/kek"] }';
  checkOptionNames("encryption", encryption, ["keks", "encrypt"], { example });
}

/**
 * Reads the key-encryption keys.
 *
 * @returns a function that wraps a store with encryption, or closes the store if that fails;
 * without keys, it checks that the store needs none
 * @throws {TypeError} for a missing or invalid key
 */
export async function encryptionOf(
  { encryption }: { readonly encryption?: EncryptionOptions },
  { kek: sources, encrypt: seals, name: service }: SettingsFor<"kek" | "encrypt" | "name">,
  parts: { readonly clock: Clock; readonly random: Random; readonly tell: Tell },
): Promise<EncryptsStore> {
  if (encryption === undefined || sources === undefined) {
    if (encryption !== undefined) throw new TypeError("encryption.keks: expected sources of keys, got none");
    return closingOnFailure(async (store) => {
      await requireKeks(store, () => false);
      return store;
    });
  }
  const [{ Keks }, { encryptedStore }] = await Promise.all([
    import("../encryption/keks.ts"),
    import("../encryption/open.ts"),
  ]);
  const keks = await Keks.read(sources, { environment: ownEnvironment(), clock: parts.clock });
  return closingOnFailure((store, configuredTenantOf) =>
    encryptedStore(store, { ...parts, keks, seals, service, configuredTenantOf }),
  );
}

function closingOnFailure(use: EncryptsStore): EncryptsStore {
  return async (store, tenantOf) => {
    try {
      return await use(store, tenantOf);
    } catch (error) {
      await store.close();
      throw error;
    }
  };
}
