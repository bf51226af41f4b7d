/** Chance, and the only place in the house that asks the machine for it. A test hands in a seeded one. */
export interface Random {
  /** A number from 0 (included) to 1 (not included). */
  fraction(): number;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/** The platform's cryptographic generator. */
export const systemRandom: Random = {
  fraction: () => {
    const word = new Uint32Array(1);
    crypto.getRandomValues(word);
    return (word[0] ?? 0) / 2 ** 32;
  },
  bytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
};
