import { serviceError } from "../../core/error/error.ts";
import { fieldError } from "../../core/error/violations.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ApiKey, ApiKeys, CreatedApiKey, NewApiKey } from "../../core/ports/api-keys.ts";
import type { Random } from "../../core/ports/random.ts";
import type { ResourceStore } from "../../core/ports/resource-store.ts";
import { GROUP, PRINCIPAL } from "../grants.ts";
import { hashOfKey, KEY_ENVIRONMENT, keyIdOf, newApiKey, shownPrefix } from "./api-key.ts";
import { KEY_KIND, resourceOf, type StoredKey, storedKeyOf } from "./stored-key.ts";

/** The parts of the key administration. */
export interface KeyAdminParts {
  readonly resources: ResourceStore;
  /** The store's time. */
  readonly time: () => number;
  readonly random: Random;
  /** Called when this process has revoked the key with a hash. */
  readonly onRevoked: (hash: string) => void;
}

/** Creates and revokes the API keys in the store. */
export class KeyAdmin implements ApiKeys {
  readonly #parts: KeyAdminParts;

  constructor(parts: KeyAdminParts) {
    this.#parts = parts;
  }

  async create({ principal, groups, expireTime, environment }: NewApiKey): Promise<CreatedApiKey> {
    const { resources, time, random } = this.#parts;
    const now = time();
    check("principal", PRINCIPAL.test(principal), "user:… or serviceAccount:…");
    check("groups", groups.length <= LIMITS.callerGroupsMax, `at most ${LIMITS.callerGroupsMax}`);
    check(
      "groups",
      groups.every((group) => GROUP.test(group)),
      "group:…",
    );
    check("environment", environment === "" || KEY_ENVIRONMENT.test(environment), FORM_OF_ENVIRONMENT);
    check("expireTime", expireTime === undefined || expireTime > now, "a time to come");
    if ((await this.#stored()).length >= LIMITS.apiKeysMax)
      throw serviceError("TOO_MANY_API_KEYS", `There are ${LIMITS.apiKeysMax} API keys; revoke some first.`);
    const key = newApiKey(environment === "" ? "live" : environment, random);
    const made = {
      hash: hashOfKey(key),
      principal,
      groups,
      expireTime: expireTime ?? null,
      prefix: shownPrefix(key),
      createTime: now,
      lastUsedTime: null,
    };
    await resources.put(resourceOf(made), null);
    return { key, apiKey: shown(made) };
  }

  async list(): Promise<readonly ApiKey[]> {
    const keys = await this.#stored();
    return keys.map(shown).toSorted((one, other) => other.createTime - one.createTime);
  }

  async revoke(id: string): Promise<void> {
    const { resources, onRevoked } = this.#parts;
    const key = (await this.#stored()).find(({ hash }) => keyIdOf(hash) === id);
    if (key === undefined || !(await resources.remove(KEY_KIND, key.hash))) throw notFound(id.slice(0, 100));
    onRevoked(key.hash);
  }

  async #stored(): Promise<readonly StoredKey[]> {
    return (await this.#parts.resources.list(KEY_KIND, LIMITS.apiKeysMax)).map(storedKeyOf);
  }
}

const FORM_OF_ENVIRONMENT = "up to 16 lower-case letters and digits";

/** @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID */
function check(field: string, isGood: boolean, expected: string): void {
  if (isGood) return;
  throw fieldError("REQUEST_INVALID", { field, description: `Invalid ${field}: expected ${expected}.` });
}

function notFound(id: string): Error {
  return serviceError("API_KEY_NOT_FOUND", `There is no API key with the id "${id}".`, { metadata: { id } });
}

function shown({ hash, ...key }: Omit<StoredKey, "revision">): ApiKey {
  const { principal, groups, prefix, createTime, expireTime, lastUsedTime } = key;
  return { id: keyIdOf(hash), sha256: hash, principal, groups, prefix, createTime, expireTime, lastUsedTime };
}
