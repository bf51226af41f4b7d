/** Encrypts short texts by a key that is kept outside the store. */
export interface Sealer {
  /** @param binding the place of the text; it opens in that place only */
  seal(text: string, binding: string): string;
  /** @returns undefined for a text that was sealed by another key or for another place, or was altered */
  open(sealed: string, binding: string): string | undefined;
}
