import type { Attack } from "./request.ts";

/** The limit of attempts to make an attack smaller. */
const ATTEMPTS = 400;

/**
 * The smallest attack with the same effect: removes ever smaller ranges of bytes as long as that
 * helps. A whole request does not stay whole, so the rest is sent as broken HTTP.
 *
 * @param fails whether an attack still has the effect
 */
export async function smallest(attack: Attack, fails: (attack: Attack) => Promise<boolean>): Promise<Attack> {
  const whole = Buffer.concat(attack.pieces);
  const broken = (bytes: Buffer): Attack => ({ ...attack, pieces: [bytes], mode: "broken" });
  if (!(await fails(broken(whole)))) return attack;
  let bytes = whole;
  let attempts = 0;
  for (let size = Math.ceil(bytes.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < bytes.length && attempts < ATTEMPTS; ) {
      const without = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + size)]);
      attempts++;
      if (await fails(broken(without))) bytes = without;
      else at += size;
    }
  }
  return broken(bytes);
}

/**
 * Bytes as a JavaScript string, with a Base64 copy if they are so long that copying by hand could
 * damage them.
 */
export function show(attack: Attack): string {
  return attack.pieces
    .map((piece) => {
      const text = JSON.stringify(piece.toString("latin1"));
      return text.length < 3_000 ? text : `${text.slice(0, 1_500)} … ${piece.length} bytes`;
    })
    .join("\n  then ");
}
