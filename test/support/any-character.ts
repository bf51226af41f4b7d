import fc from "fast-check";

/**
 * Any character of Unicode, half of them from ASCII, as a unit of `fc.string()`. fast-check's own
 * unit `binary` needs a second of processor time in each process to list all of them.
 */
export const anyCharacter = fc
  .oneof(fc.nat(0x7f), fc.nat(0x10_f7ff))
  // Never half of a surrogate pair.
  .map((index) => String.fromCodePoint(index < 0xd800 ? index : index + 0x800));
