/** The bounds of all parents below a parent, both exclusive. */
export function belowOf(parent: string): readonly [after: string, before: string] {
  // "0" is the character after "/".
  return [`${parent}/`, `${parent}0`];
}
