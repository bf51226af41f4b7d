import { kept } from "../core/kept.ts";
import type { ApiKeys } from "../core/ports/api-keys.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import type { OpenedAccess } from "./access.ts";

/** The parts for API keys. */
export interface ApiKeysParts {
  readonly store: Pick<Store, "resources" | "time">;
  readonly random: Random;
  readonly access: Pick<OpenedAccess, "keyRevoked"> | undefined;
}

/** The API keys in a store. Loads its code at the first use. */
export function apiKeysOf({ store, random, access }: ApiKeysParts): ApiKeys {
  const keys = kept(async (): Promise<ApiKeys> => {
    const { KeyAdmin } = await import("../access/credentials/key-admin.ts");
    const { resources } = store;
    return new KeyAdmin({
      resources,
      time: () => store.time(),
      random,
      onRevoked: (hash) => access?.keyRevoked(hash),
    });
  });
  return {
    create: async (key) => (await keys()).create(key),
    list: async () => (await keys()).list(),
    revoke: async (id) => (await keys()).revoke(id),
  };
}
