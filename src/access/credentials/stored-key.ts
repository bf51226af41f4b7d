import { LIMITS } from "../../core/limits.ts";
import type { Resource } from "../../core/ports/resource-store.ts";
import type { ApiKeyRecord } from "./key-rules.ts";

/** The kind of resource for API keys. The name of such a resource is the key's hash. */
export const KEY_KIND = "api-key";

/** An API key in the store. */
export interface StoredKey extends ApiKeyRecord {
  readonly revision: number;
  /** The part of the key that people may see. */
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly createTime: number;
  /** Accurate to an hour; null for never. */
  readonly lastUsedTime: number | null;
}

/** The resource of a key. */
export function resourceOf(key: Omit<StoredKey, "revision">): Omit<Resource, "revision"> {
  const { hash, expireTime, ...value } = key;
  return { kind: KEY_KIND, name: hash, dueTime: expireTime, value: JSON.stringify(value) };
}

/** The key in a resource made by {@link resourceOf}. */
export function storedKeyOf({ name, revision, dueTime, value }: Resource): StoredKey {
  const read = JSON.parse(value) as Omit<StoredKey, "hash" | "revision" | "expireTime">;
  return { ...read, hash: name, revision, expireTime: dueTime };
}

/** The resource of a used key; undefined if the stored time of use is recent enough. */
export function usedResource(key: StoredKey, now: number): Omit<Resource, "revision"> | undefined {
  const { revision: _, ...kept } = key;
  if (key.lastUsedTime !== null && now - key.lastUsedTime < LIMITS.apiKeyUsedMs) return undefined;
  return resourceOf({ ...kept, lastUsedTime: now });
}
