import { createHash, createSecretKey, type KeyObject } from "node:crypto";
import { StatusError } from "../core/error/error.ts";
import type { Resource } from "../core/ports/resource-store.ts";
import { DEK_ID_BYTES, headerOf } from "./envelope.ts";
import type { Keks } from "./keks.ts";

/** The kind of resources for data keys. */
export const DATA_KEY = "data-key";

const DAY_MS = 86_400_000;
const DAYS_MAX = 65_535;

/**
 * A data-encryption key (*DEK*) as it is stored: a resource whose name is the key's id. A shredded
 * record stays without its key, so that its name is not used again.
 */
export interface DataKeyRecord {
  /**
   * The name of the service that made it. Its sealed texts are bound to this name, even if the
   * service is renamed later.
   */
  readonly service: string;
  readonly tenant: string;
  /** Days since 1970-01-01. */
  readonly day: number;
  /** The id of the KEK that currently wraps it. */
  readonly kek: string;
  /** The wrapped key; empty after shredding. */
  readonly key: string;
  /** The number of uses that processes have reserved so far. */
  readonly uses: number;
  /** The time of shredding; null if it was not shredded. */
  readonly shredTime: number | null;
}

/** A data-encryption key, ready to use. */
export interface DataKey {
  readonly header: Uint8Array;
  readonly secret: KeyObject;
  readonly service: string;
}

/**
 * The tenant of a parent if no tenants are configured: the first collection and its id, such as
 * `projects/p` of `projects/p/locations/l`; empty without a parent.
 */
export function usualTenantOf(parent: string): string {
  const second = parent.indexOf("/", parent.indexOf("/") + 1);
  return second === -1 ? parent : parent.slice(0, second);
}

/** The day of an instant; 2149-06-06 for all that come later, since ids of keys have two bytes for it. */
export function dayOf(time: number): number {
  return Math.min(Math.floor(time / DAY_MS), DAYS_MAX);
}

/** The id of the nth key of a tenant's day, from 0. */
export function dataKeyId(tenant: string, day: number, number: number): string {
  const id = Buffer.alloc(DEK_ID_BYTES);
  createHash("sha256").update(tenant).digest().copy(id, 0, 0, 8);
  id.writeUInt16BE(day, 8);
  id.writeUInt16BE(number, 10);
  return id.toString("base64url");
}

/** The record in a resource; undefined if the resource was altered and is invalid. */
export function readDataKey({ value }: Pick<Resource, "value">): DataKeyRecord | undefined {
  try {
    const record = JSON.parse(value) as Partial<DataKeyRecord> | null;
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(record: Partial<DataKeyRecord> | null): record is DataKeyRecord {
  if (record === null || typeof record !== "object") return false;
  const { service, tenant, kek, key, day, uses, shredTime } = record;
  const hasTexts = [service, tenant, kek, key].every((value) => typeof value === "string");
  return hasTexts && [day, uses, shredTime ?? 0].every((value) => typeof value === "number");
}

/**
 * The same for commands that process all keys. @throws {StatusError} FAILED_PRECONDITION for an
 * invalid record
 */
export function dataKeyOf(resource: Pick<Resource, "name" | "value">): DataKeyRecord {
  const record = readDataKey(resource);
  if (record !== undefined) return record;
  throw new StatusError(
    "FAILED_PRECONDITION",
    `The record of the key of data "${resource.name}" is damaged (table resources, kind ${DATA_KEY}): restore it from a backup, or remove it, which loses the payloads that it encrypts.`,
  );
}

/** The resource that holds a record. It is due when its day is over: from then on it seals nothing. */
export function dataKeyResource(id: string, record: DataKeyRecord): Omit<Resource, "revision"> {
  const dueTime = (record.day + 1) * DAY_MS;
  return { kind: DATA_KEY, name: id, dueTime, value: JSON.stringify(record) };
}

/** The text that a wrapped key is bound to. */
export function keyBinding(id: string, { service, tenant }: DataKeyRecord): string {
  return [service, tenant, id].join("|");
}

/**
 * The key of a record. @returns undefined if it was shredded or altered, or its KEK is not among
 * these
 */
export function openDataKey(id: string, record: DataKeyRecord, keks: Keks): DataKey | undefined {
  const { kek, key, service } = record;
  if (key === "") return undefined;
  const bytes = keks.unwrap(kek, key, keyBinding(id, record));
  if (bytes === undefined) return undefined;
  const header = headerOf(Buffer.from(kek, "hex"), Buffer.from(id, "base64url"));
  return { header, secret: createSecretKey(bytes), service };
}
