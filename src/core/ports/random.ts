/** Chance, and the only place in the house that asks the machine for it. A test hands in a seeded one. */
export interface Random {
  /** A number from 0 (included) to 1 (not included). */
  fraction(): number;
  /** `length` random bytes. */
  bytes(length: number): Uint8Array;
}

/** Drawn at once, since each draw is a call of the system: 4.2 µs for a few bytes against 0.2 µs from here. */
const pool = new Uint8Array(4_096);
let used = pool.length;

/** Bytes of the pool that nobody else is given, wiped from it. */
function draw(length: number): Uint8Array {
  if (length > pool.length) return crypto.getRandomValues(new Uint8Array(length));
  if (used + length > pool.length) {
    crypto.getRandomValues(pool);
    used = 0;
  }
  const drawn = pool.slice(used, used + length);
  pool.fill(0, used, used + length);
  used += length;
  return drawn;
}

/** The platform's cryptographic generator. */
export const systemRandom: Random = {
  fraction() {
    const [a = 0, b = 0, c = 0, d = 0] = draw(4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
  },
  bytes: draw,
};
