import type { ResourceStore } from "./resource-store.ts";

/** Encrypts short texts with a key outside the store. */
export interface Sealer {
  /** @param binding the place of the text; it can be opened only there */
  seal(text: string, binding: string): string;
  /** @returns undefined for a text of another key or place, or an altered text */
  open(sealed: string, binding: string): string | undefined;
  /**
   * Notes in the store that the key of `seal` is needed, before the first text: no process starts
   * without the noted keys.
   */
  need(resources: ResourceStore): Promise<void>;
  /** Notes the keys of all stored texts, and removes the other notes of sealing keys. */
  needOnly(resources: ResourceStore, sealed: readonly string[]): Promise<void>;
}
