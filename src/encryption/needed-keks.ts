import { StatusError } from "../core/error/error.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { Store } from "../core/ports/store.ts";

/** The kind of resources that record which KEKs have wrapped keys of the store. */
export const KEK = "kek";

/** More than any installation has. */
export const KEKS_MAX = 1_000;

/**
 * The suffix in the names of these resources for a KEK that seals texts. Such a note stays when the
 * KEK no longer wraps any key.
 */
const SEALING = ".sealing";

/** The id of the KEK in the name of a {@link KEK} resource. */
export function kekIdOf(name: string): string {
  return name.replace(SEALING, "");
}

/** The KEKs that seal texts directly. */
export async function sealingKeks(resources: ResourceStore): Promise<readonly string[]> {
  const notes = await resources.list(KEK, KEKS_MAX);
  return notes.filter(({ name }) => name.endsWith(SEALING)).map(({ name }) => kekIdOf(name));
}

/** Records that a KEK seals texts; call it before the first text is stored. */
export async function putSealingKek(resources: ResourceStore, id: string): Promise<void> {
  await putKek(resources, id + SEALING);
}

/** Removes this note. */
export async function removeSealingKek(resources: ResourceStore, id: string): Promise<void> {
  await resources.remove(KEK, id + SEALING);
}

/** Records that a KEK wraps keys of the store; call it before the first key is stored. */
export async function putKek(resources: ResourceStore, id: string): Promise<void> {
  await resources.put({ kind: KEK, name: id, dueTime: null, value: "{}" }, null);
}

/**
 * Checks that this process can read everything that is sealed.
 *
 * @param has whether this process has the KEK with an id
 * @throws {StatusError} FAILED_PRECONDITION with the missing KEKs
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
