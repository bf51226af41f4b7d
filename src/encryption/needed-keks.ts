import { StatusError } from "../core/error/error.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { Store } from "../core/ports/store.ts";

/** The kind of resources that say which KEKs have wrapped keys of the store. */
export const KEK = "kek";

/** Nobody has so many. */
export const KEKS_MAX = 1_000;

/** After the id of a KEK that seals texts, in the names of these resources. Such a note stays when the KEK wraps no key any more. */
const SEALING = ".sealing";

/** The id of the KEK that a resource of the kind {@link KEK} is about. */
export function kekIdOf(name: string): string {
  return name.replace(SEALING, "");
}

/** The KEKs that seal texts. */
export async function sealingKeks(resources: ResourceStore): Promise<readonly string[]> {
  const notes = await resources.list(KEK, KEKS_MAX);
  return notes.filter(({ name }) => name.endsWith(SEALING)).map(({ name }) => kekIdOf(name));
}

/** Notes that a KEK seals texts: before the first of them is there. */
export async function putSealingKek(resources: ResourceStore, id: string): Promise<void> {
  await putKek(resources, id + SEALING);
}

/** Removes this note. */
export async function removeSealingKek(resources: ResourceStore, id: string): Promise<void> {
  await resources.remove(KEK, id + SEALING);
}

/** Notes that a KEK wraps keys of the store: before the first of them is there. */
export async function putKek(resources: ResourceStore, id: string): Promise<void> {
  await resources.put({ kind: KEK, name: id, dueTime: null, value: "{}" }, null);
}

/**
 * Checks that this process can read all that is sealed.
 *
 * @param has whether it has the KEK of an id
 * @throws {StatusError} FAILED_PRECONDITION naming the KEKs that are missing
 */
export async function requireKeks(
  { resources }: Pick<Store, "resources">,
  has: (id: string) => boolean,
): Promise<void> {
  const used = new Set((await resources.list(KEK, KEKS_MAX)).map(({ name }) => kekIdOf(name)));
  const missing = [...used].filter((id) => !has(id));
  if (missing.length === 0) return;
  const keys = missing.length === 1 ? "the KEK" : "the KEKs";
  throw new StatusError(
    "FAILED_PRECONDITION",
    `The store has payloads or credentials that are encrypted with ${keys} ${missing.join(", ")}, which this process does not have. Give all that are in use with --kek (docs/encryption.md); the first encrypts.`,
  );
}
