import fc from "fast-check";

/**
 * Any character of Unicode, half of them of ASCII: a unit of `fc.string()`. fast-check's own unit `binary` takes a second of the
 * processor in each process, to list them all.
 */
export const anyCharacter = fc
  .oneof(fc.nat(0x7f), fc.nat(0x10_f7ff))
  // No half of a surrogate pair.
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));
