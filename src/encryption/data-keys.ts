import type { Tell } from "../core/events.ts";
import { invariant } from "../core/invariant.ts";
import { LIMITS } from "../core/limits.ts";
import { keyUnavailable } from "../core/operation/sealed.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import type { Resource, ResourceStore } from "../core/ports/resource-store.ts";
import {
  DATA_KEY,
  type DataKey,
  type DataKeyRecord,
  dataKeyId,
  dataKeyResource,
  dayOf,
  keyBinding,
  openDataKey,
  readDataKey,
} from "./data-key-record.ts";
import { IV_BYTES } from "./envelope.ts";
import type { Keks } from "./keks.ts";
import { putKek } from "./needed-keks.ts";
import { Recent } from "../core/value/recent.ts";

/** The parts of the data keys. */
export interface DataKeysParts {
  readonly resources: ResourceStore;
  readonly keks: Keks;
  readonly clock: Clock;
  /** The store's clock, which determines the day. */
  readonly time: () => number;
  readonly random: Random;
  /** The name of the service. */
  readonly service: string;
  readonly tell: Tell;
}

/** A key for sealing, and the number of texts that this process may still seal with it. */
export interface SealingKey extends DataKey {
  readonly day: number;
  left: number;
}

/**
 * The state of a key with an id: usable; permanently gone; or unavailable, because its KEK is not
 * here or its record is damaged.
 */
export type KnownKey =
  | { readonly key: DataKey; readonly isUnavailable?: undefined }
  | { readonly key?: undefined; readonly isUnavailable?: undefined }
  | { readonly isUnavailable: true; readonly key?: undefined };

interface Kept<Value> {
  readonly value: Value;
  /** Monotonic time. */
  readonly at: number;
}

const KEY_BYTES = 32;
/** The number of a day's keys that are looked up at once. */
const LOOK = 8;

/**
 * The data-encryption keys (*DEKs*): one per tenant and day, and another when it has sealed as many
 * texts as it may.
 *
 * Source of truth: the resources of the store, which contain every wrapped key, and the number of
 * its reserved uses. A process reserves uses in blocks before it seals, so that the limit holds
 * over all processes and restarts. Known keys are looked up again after a minute. On failure of the
 * store: the caller that needs the key gets an error; nothing is sealed with a key that is not
 * stored.
 */
export class DataKeys {
  readonly #parts: DataKeysParts;
  /** By tenant and day. */
  readonly #sealing = new Recent<string, Kept<SealingKey>>(LIMITS.dataKeysKnownMax);
  readonly #sealingSought = new Map<string, Promise<SealingKey>>();
  /** By id; the most recently used key comes last. */
  readonly #known = new Recent<string, Kept<KnownKey>>(LIMITS.dataKeysKnownMax);
  readonly #sought = new Map<string, Promise<KnownKey>>();

  constructor(parts: DataKeysParts) {
    this.#parts = parts;
  }

  /**
   * The key that currently seals for a tenant; a promise if it must be looked up or made. It is the
   * key of today, or of the day of `notBefore` if that is later, as after the clock was set back.
   * So a text is never sealed with a key of a day before its operation's id (key-purge.ts).
   *
   * @param notBefore milliseconds since the Unix epoch. @default now
   */
  sealing(tenant: string, notBefore = 0): SealingKey | Promise<SealingKey> {
    const day = dayOf(Math.max(this.#parts.time(), notBefore));
    const name = sealingName(tenant, day);
    const kept = this.#sealing.get(name);
    if (kept !== undefined && this.#isFresh(kept) && kept.value.left >= LIMITS.keyUsesLeast)
      return kept.value;
    return this.#once(this.#sealingSought, name, () => this.#seek(tenant, day, kept?.value));
  }

  /**
   * The keys with some ids; a promise if they must be looked up. Concurrent lookups of a key share
   * one read.
   */
  opening(ids: ReadonlySet<string>): KnownKeys | Promise<KnownKeys> {
    const found = new Map<string, KnownKey>();
    const sought: string[] = [];
    for (const id of ids) {
      const kept = this.#known.use(id);
      if (kept === undefined || !this.#isFresh(kept)) sought.push(id);
      else found.set(id, kept.value);
    }
    return sought.length === 0 ? found : this.#found(found, sought);
  }

  #isFresh({ at }: Kept<unknown>): boolean {
    return this.#parts.clock.monotonic() - at < LIMITS.dataKeyTrustMs;
  }

  async #found(found: Map<string, KnownKey>, sought: readonly string[]): Promise<KnownKeys> {
    const unknown = sought.filter((id) => !this.#sought.has(id));
    if (unknown.length > 0) {
      const answer = this.#look(unknown);
      for (const id of unknown)
        void this.#once(this.#sought, id, async () => (await answer).get(id) ?? GONE).catch(() => {});
    }
    await Promise.all(
      sought.map(async (id) => {
        const known = await (this.#sought.get(id) ?? this.#known.get(id)?.value);
        found.set(id, known ?? GONE);
      }),
    );
    return found;
  }

  async #look(ids: readonly string[]): Promise<ReadonlyMap<string, KnownKey>> {
    const resources = await this.#parts.resources.read(DATA_KEY, ids);
    const byId = new Map(resources.map((each) => [each.name, this.#knownOf(each)] as const));
    for (const id of ids) this.#known.set(id, { value: byId.get(id) ?? GONE, at: this.#now() });
    return byId;
  }

  #knownOf(resource: Resource): KnownKey {
    const { keks, tell } = this.#parts;
    const record = readDataKey(resource);
    if (record === undefined) {
      tell["encryption.key-damaged"]?.({ key: resource.name });
      return UNAVAILABLE;
    }
    const key = openDataKey(resource.name, record, keks);
    if (key !== undefined) return { key };
    if (record.shredTime !== null || keks.has(record.kek)) return GONE;
    tell["encryption.kek-missing"]?.({ kek: record.kek });
    return UNAVAILABLE;
  }

  /** Continues with the known key, reserves uses of a stored one, or makes a new one. */
  async #seek(tenant: string, day: number, known: SealingKey | undefined): Promise<SealingKey> {
    for (let number = 0; number < LIMITS.dayKeysMax; number += LOOK) {
      const ids = Array.from({ length: LOOK }, (_, index) => dataKeyId(tenant, day, number + index));
      const kept = new Map(
        (await this.#parts.resources.read(DATA_KEY, ids)).map((each) => [each.name, each]),
      );
      for (const id of ids) {
        const key = await this.#take({ id, tenant, day, kept: kept.get(id) }, known);
        if (key === undefined) continue;
        this.#sealing.set(sealingName(tenant, day), { value: key, at: this.#now() });
        return key;
      }
    }
    throw keyUnavailable();
  }

  /**
   * @returns undefined if the key cannot be used, or another process was faster: then the next is
   * tried
   */
  async #take(
    { id, tenant, day, kept }: Sought,
    known: SealingKey | undefined,
  ): Promise<SealingKey | undefined> {
    const { keks, service, resources } = this.#parts;
    if (kept === undefined) return this.#make({ id, tenant, day }, service);
    const record = readDataKey(kept);
    const key = record === undefined ? undefined : openDataKey(id, record, keks);
    if (record === undefined || key === undefined) return undefined;
    const isSame = known !== undefined && known.day === day && Buffer.compare(known.header, key.header) === 0;
    if (isSame && known.left >= LIMITS.keyUsesLeast) return known;
    const uses = record.uses + LIMITS.keyUsesBlock;
    if (uses > LIMITS.keyUsesMax) return undefined;
    const put = await resources.put(dataKeyResource(id, { ...record, uses }), kept.revision);
    if (put !== undefined) return { ...key, day, left: LIMITS.keyUsesBlock };
    const [again] = await resources.read(DATA_KEY, [id]);
    return this.#take({ id, tenant, day, kept: again }, known);
  }

  async #make({ id, tenant, day }: Omit<Sought, "kept">, service: string): Promise<SealingKey | undefined> {
    const { keks, random, resources, tell } = this.#parts;
    const kek = keks.first.id;
    await putKek(resources, kek);
    const bare: DataKeyRecord = {
      service,
      tenant,
      day,
      kek,
      key: "",
      uses: LIMITS.keyUsesBlock,
      shredTime: null,
    };
    const wrapped = keks.wrap(random.bytes(KEY_BYTES), {
      binding: keyBinding(id, bare),
      iv: random.bytes(IV_BYTES),
    });
    const record = { ...bare, key: wrapped };
    if ((await resources.put(dataKeyResource(id, record), null)) === undefined) {
      const [kept] = await resources.read(DATA_KEY, [id]);
      return kept === undefined ? undefined : this.#take({ id, tenant, day, kept }, undefined);
    }
    tell["encryption.key-made"]?.({ tenant });
    const key = openDataKey(id, record, keks);
    invariant(key !== undefined, "a key that was wrapped is unwrapped");
    return { ...key, day, left: LIMITS.keyUsesBlock };
  }

  #now(): number {
    return this.#parts.clock.monotonic();
  }

  #once<Value>(
    underWay: Map<string, Promise<Value>>,
    name: string,
    begin: () => Promise<Value>,
  ): Promise<Value> {
    const known = underWay.get(name);
    if (known !== undefined) return known;
    const begun = begin().finally(() => underWay.delete(name));
    underWay.set(name, begun);
    return begun;
  }
}

/** The states of keys, by id. */
export type KnownKeys = ReadonlyMap<string, KnownKey>;

interface Sought {
  readonly id: string;
  readonly tenant: string;
  readonly day: number;
  readonly kept: Resource | undefined;
}

/** The name under which a sealing key is cached. */
function sealingName(tenant: string, day: number): string {
  return `${day} ${tenant}`;
}

const GONE: KnownKey = {};
const UNAVAILABLE: KnownKey = { isUnavailable: true };
