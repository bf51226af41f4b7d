import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Resource, ResourceStore } from "../../core/ports/resource-store.ts";
import { KnownKey } from "./known-key.ts";
import { unchecked } from "./refusals.ts";
import { KEY_KIND, type StoredKey, storedKeyOf, usedResource } from "./stored-key.ts";
import { Recent } from "../../core/value/recent.ts";

/** The parts for looking up stored keys. */
export interface StoredKeysParts {
  readonly resources: ResourceStore;
  /** The store's time. */
  readonly time: () => number;
  readonly clock: Clock;
  /** Called when a key was revoked with which a caller may be waiting. */
  readonly onRevoked: () => void;
}

type Key = KnownKey<StoredKey>;

/**
 * The API keys in the store, as far as this process knows them.
 *
 * Source of truth: the store. A known key is accepted without a query. While keys are *used*, by
 * calls or by long waits, all of them are checked again every second in one read; if none is used,
 * nothing is read. So a revoked key is rejected within two seconds, and its waits end. If the store
 * is so slow that a key was not confirmed for two seconds, its callers must wait for the next
 * check. Unknown keys are looked up in batches, one batch at a time, and an invalid key is
 * remembered for a second.
 */
export class StoredKeys {
  readonly #parts: StoredKeysParts;
  readonly #known = new Recent<string, Key>(LIMITS.apiKeysKept);
  /** The hashes without a key, with the time of the lookup. */
  readonly #unknown = new Recent<string, number>(LIMITS.apiKeysKept);
  readonly #wanted = new Map<string, PromiseWithResolvers<Key | undefined>>();
  #isReading = false;
  #timer: Timer | undefined;
  #isStopped = false;

  constructor(parts: StoredKeysParts) {
    this.#parts = parts;
  }

  /**
   * The key with a hash; undefined if there is none. Not a promise if the key is known already.
   *
   * @throws {StatusError} UNAVAILABLE CREDENTIALS_UNCHECKED; the promise rejects likewise
   */
  find(keyHash: string): Key | undefined | Promise<Key | undefined> {
    const now = this.#parts.clock.monotonic();
    const known = this.#known.get(keyHash);
    if (known !== undefined && now - known.checkedAt <= 2 * LIMITS.apiKeyCheckMs) {
      known.use();
      return known;
    }
    const foundAt = this.#unknown.get(keyHash);
    if (foundAt !== undefined && now - foundAt <= LIMITS.apiKeyCheckMs) return undefined;
    return this.#lookUp(keyHash);
  }

  /** Records that this process has revoked a key. */
  revoked(keyHash: string): void {
    const known = this.#known.get(keyHash);
    if (known === undefined) return;
    this.#end(known);
    this.#parts.onRevoked();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #lookUp(keyHash: string): Promise<Key | undefined> {
    const wanted = this.#wanted.get(keyHash);
    if (wanted !== undefined) return wanted.promise;
    if (this.#wanted.size >= LIMITS.apiKeysWaitingMax)
      throw unchecked(LIMITS.apiKeyCheckMs, new Error("Too many keys wait"));
    const looked = Promise.withResolvers<Key | undefined>();
    this.#wanted.set(keyHash, looked);
    void this.#readWanted();
    return looked.promise;
  }

  async #readWanted(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#wanted.size > 0) {
      const wanted = [...this.#wanted].slice(0, LIMITS.apiKeysPerRead);
      for (const [keyHash] of wanted) this.#wanted.delete(keyHash);
      const beganAt = this.#parts.clock.monotonic();
      try {
        const found = await this.#read(wanted.map(([keyHash]) => keyHash));
        for (const [keyHash, { resolve }] of wanted)
          resolve(this.#take(keyHash, found.get(keyHash), beganAt));
      } catch (error) {
        for (const [, { reject }] of wanted) reject(unchecked(LIMITS.apiKeyCheckMs, error));
      }
    }
    this.#isReading = false;
  }

  #take(keyHash: string, resource: Resource | undefined, beganAt: number): Key | undefined {
    const known = this.#known.get(keyHash);
    if (resource === undefined) {
      if (known !== undefined) this.#end(known);
      this.#unknown.set(keyHash, beganAt);
      return undefined;
    }
    this.#unknown.delete(keyHash);
    const record = storedKeyOf(resource);
    const key = known ?? new KnownKey(record, (used) => this.#onUse(used));
    key.record = record;
    key.checkedAt = beganAt;
    this.#known.set(keyHash, key);
    key.use();
    return key;
  }

  /** Put the key back, because others may have displaced it. */
  #onUse(key: Key): void {
    this.#known.set(key.record.hash, key);
    this.#arm();
  }

  #arm(): void {
    if (this.#isStopped) return;
    this.#timer ??= this.#parts.clock.after(LIMITS.apiKeyCheckMs, () => {
      this.#timer = undefined;
      void this.#check();
    });
  }

  /** Checks the used keys again. */
  async #check(): Promise<void> {
    const used = [...this.#known].flatMap(({ value: key }) => (key.takeUsed() ? [key] : []));
    for (let from = 0; from < used.length; from += LIMITS.apiKeysPerRead) {
      const keys = used.slice(from, from + LIMITS.apiKeysPerRead);
      const beganAt = this.#parts.clock.monotonic();
      try {
        const found = await this.#read(keys.map(({ record }) => record.hash));
        for (const key of keys) this.#confirm(key, found.get(key.record.hash), beganAt);
      } catch {
        // Callers get an error meanwhile; the check is tried again.
        for (const key of keys) key.use();
      }
    }
    await this.#tellUsed(used).catch(() => undefined);
  }

  #confirm(key: Key, resource: Resource | undefined, beganAt: number): void {
    if (resource === undefined) {
      this.#end(key);
      this.#parts.onRevoked();
      return;
    }
    key.record = storedKeyOf(resource);
    key.checkedAt = beganAt;
  }

  /**
   * Stores the time of use of some keys. A conflict is harmless, because the other process has
   * stored the same.
   */
  async #tellUsed(keys: readonly Key[]): Promise<void> {
    const { resources, time } = this.#parts;
    let written = 0;
    for (const { record } of keys) {
      const used = usedResource(record, time());
      if (used === undefined || !this.#known.has(record.hash)) continue;
      await resources.put(used, record.revision);
      written++;
      if (written === LIMITS.apiKeysToldPerCheck) return;
    }
  }

  #end(key: Key): void {
    key.revoke();
    this.#known.delete(key.record.hash);
    this.#unknown.set(key.record.hash, this.#parts.clock.monotonic());
  }

  async #read(hashes: readonly string[]): Promise<ReadonlyMap<string, Resource>> {
    const resources = await this.#parts.resources.read(KEY_KIND, hashes);
    return new Map(resources.map((each) => [each.name, each]));
  }
}
