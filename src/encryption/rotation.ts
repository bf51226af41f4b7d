import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Random } from "../core/ports/random.ts";
import type { Resource, ResourceStore } from "../core/ports/resource-store.ts";
import {
  DATA_KEY,
  type DataKeyRecord,
  dataKeyResource,
  keyBinding,
  openDataKey,
  dataKeyOf,
} from "./data-key-record.ts";
import { IV_BYTES } from "./envelope.ts";
import type { Keks } from "./keks.ts";
import { KEK, kekIdOf, KEKS_MAX, putKek } from "./needed-keks.ts";

/** A summary of the keys in a store. */
export interface KeysStatus {
  /**
   * The KEKs that have wrapped existing keys or sealed existing texts, and the number of keys that
   * each wraps now.
   */
  readonly keks: readonly { readonly id: string; readonly keys: number }[];
  /** The number of DEKs that are not shredded. */
  readonly keys: number;
  readonly tenants: number;
  readonly shredded: number;
  /** The earliest day of a key, in days since 1970-01-01; null if there is none. */
  readonly oldestDay: number | null;
}

/** Reads the summary. Changes nothing. */
export async function statusOf(resources: ResourceStore): Promise<KeysStatus> {
  const counts = new Map((await resources.list(KEK, KEKS_MAX)).map(({ name }) => [kekIdOf(name), 0]));
  const records = (await allKeys(resources)).map(dataKeyOf);
  const kept = records.filter(({ key }) => key !== "");
  for (const { kek } of kept) counts.set(kek, (counts.get(kek) ?? 0) + 1);
  const days = kept.map(({ day }) => day);
  return {
    keks: [...counts].map(([id, keys]) => ({ id, keys })),
    keys: kept.length,
    tenants: new Set(kept.map(({ tenant }) => tenant)).size,
    shredded: records.length - kept.length,
    oldestDay: days.reduce<number | null>((oldest, day) => Math.min(oldest ?? day, day), null),
  };
}

/**
 * The result of wrapping keys again. `missing`: the number of keys by the id of their KEK, if the
 * KEK is not here.
 */
export interface Rewrapped {
  readonly rewrapped: number;
  readonly missing: ReadonlyMap<string, number>;
}

/**
 * Wraps every key with the first KEK. Sealed texts do not change, and processes continue meanwhile.
 * A KEK that no longer wraps any key is forgotten, so that starts do not require it.
 */
export async function rewrapKeys(resources: ResourceStore, keks: Keks, random: Random): Promise<Rewrapped> {
  const missing = new Map<string, number>();
  let rewrapped = 0;
  const all = await allKeys(resources);
  // Before the first key is wrapped, because a start reads there which KEKs it needs.
  if (all.some((each) => isToRewrap(dataKeyOf(each), keks))) await putKek(resources, keks.first.id);
  for (const each of all) {
    const outcome = await changed(resources, each, (record) =>
      rewrappedRecord(each.name, record, { keks, random }),
    );
    if (outcome === "missing") {
      const { kek } = dataKeyOf(each);
      missing.set(kek, (missing.get(kek) ?? 0) + 1);
    } else if (outcome === "changed") rewrapped++;
  }
  await forgetUnused(resources, keks.first.id);
  return { rewrapped, missing };
}

/**
 * Destroys the keys of a tenant, and with them its payloads, permanently. @returns the number of
 * destroyed keys
 */
export async function shredTenant(resources: ResourceStore, tenant: string, now: number): Promise<number> {
  let shredded = 0;
  for (const each of await allKeys(resources)) {
    if (dataKeyOf(each).tenant !== tenant) continue;
    const outcome = await changed(resources, each, (record) =>
      record.key === "" ? undefined : { ...record, key: "", shredTime: now },
    );
    if (outcome === "changed") shredded++;
  }
  return shredded;
}

/** The number of a tenant's keys. */
export async function keysOfTenant(resources: ResourceStore, tenant: string): Promise<number> {
  const records = (await allKeys(resources)).map(dataKeyOf);
  return records.filter((each) => each.tenant === tenant && each.key !== "").length;
}

/**
 * @throws {StatusError} FAILED_PRECONDITION if there are more, because a part must not pass for
 * all, for example when a tenant is shredded
 */
async function allKeys(resources: ResourceStore): Promise<readonly Resource[]> {
  const { dataKeysMax } = LIMITS;
  const keys = await resources.list(DATA_KEY, dataKeysMax + 1);
  if (keys.length <= dataKeysMax) return keys;
  throw new StatusError(
    "FAILED_PRECONDITION",
    `The store has more than ${dataKeysMax} keys of data, which is more than a command can process.`,
  );
}

function isToRewrap({ key, kek }: DataKeyRecord, keks: Keks): boolean {
  return key !== "" && kek !== keks.first.id && keks.has(kek);
}

function rewrappedRecord(
  id: string,
  record: DataKeyRecord,
  { keks, random }: { readonly keks: Keks; readonly random: Random },
): DataKeyRecord | "missing" | undefined {
  if (record.key === "" || record.kek === keks.first.id) return undefined;
  const opened = openDataKey(id, record, keks);
  if (opened === undefined) return "missing";
  const how = { binding: keyBinding(id, record), iv: random.bytes(IV_BYTES) };
  return { ...record, kek: keks.first.id, key: keks.wrap(opened.secret.export(), how) };
}

/** Changes a record, and retries if a process reserved uses of it meanwhile. */
async function changed(
  resources: ResourceStore,
  kept: Resource,
  change: (record: DataKeyRecord) => DataKeyRecord | "missing" | undefined,
): Promise<"changed" | "missing" | "same"> {
  let current: Resource | undefined = kept;
  while (current !== undefined) {
    const next = change(dataKeyOf(current));
    if (next === undefined) return "same";
    if (next === "missing") return "missing";
    const put = await resources.put(dataKeyResource(current.name, next), current.revision);
    if (put !== undefined) return "changed";
    [current] = await resources.read(DATA_KEY, [current.name]);
  }
  return "same";
}

async function forgetUnused(resources: ResourceStore, first: string): Promise<void> {
  const unused = (await statusOf(resources)).keks.filter(({ id, keys }) => keys === 0 && id !== first);
  for (const { id } of unused) await resources.remove(KEK, id);
  // A process that does not know of the new KEK may have made a key meanwhile.
  const used = (await statusOf(resources)).keks.filter(({ keys }) => keys > 0);
  for (const { id } of used) await putKek(resources, id);
}
