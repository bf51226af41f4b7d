import type { ResourceStore } from "./resource-store.ts";

/** Encrypts short texts by a key that is kept outside the store. */
export interface Sealer {
  /** @param binding the place of the text; it opens in that place only */
  seal(text: string, binding: string): string;
  /** @returns undefined for a text that was sealed by another key or for another place, or was altered */
  open(sealed: string, binding: string): string | undefined;
  /** Notes in the store that the key of `seal` is needed, before the first text: no process starts without a key that is noted. */
  need(resources: ResourceStore): Promise<void>;
  /** Notes the keys of all texts that are kept, and removes all other notes of sealing keys. */
  needOnly(resources: ResourceStore, sealed: readonly string[]): Promise<void>;
}
