/** Between which texts all parents below one are, both not included. */
export function belowOf(parent: string): readonly [after: string, before: string] {
  // The character behind the slash.
  return [`${parent}/`, `${parent}0`];
}
