import type { SettingsFor } from "../config/parse.ts";
import { ownEnvironment } from "../config/own-process.ts";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { checkOptionNames } from "../core/value/options.ts";
import { requireKeks } from "../encryption/needed-keks.ts";

/** How payloads are encrypted. */
export interface EncryptionOptions {
  /** Where the keys are that wrap keys: `file:PATH`, `env:NAME` or `exec:COMMAND`. The first encrypts, all decrypt. */
  readonly keks: readonly string[];
  /** Whether new payloads are encrypted. @default true */
  readonly encrypt?: boolean;
}

/** Puts encryption before a store. `tenantOf`: whom a parent belongs to; null for nobody. */
type EncryptsStore = (store: Store, tenantOf: (parent: string) => string | null) => Promise<Store>;

/** Checks the names of the options. @throws {TypeError} */
export function checkEncryption(encryption: EncryptionOptions): void {
  const example = '{ keks: ["file:/etc/longrunning/kek"] }';
  checkOptionNames("encryption", encryption, ["keks", "encrypt"], { example });
}

/**
 * Reads the keys that payloads are encrypted by.
 *
 * @returns puts encryption before a store, or closes it where that cannot be; without keys: checks that none are needed
 * @throws {TypeError} for a key that is away, or is none
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
  const keks = await Keks.read(sources, { environment: ownEnvironment() });
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
