/** The text of a file, or the reason why it has none. */
export type Decoded =
  | { readonly text: string }
  | {
      readonly message: string;
      /** The valid text before the first invalid byte. */
      readonly before: string;
    };

/** Decodes UTF-8, with or without a byte order mark. */
export function decodeText(bytes: Uint8Array): Decoded {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return { message: "the text is in UTF-16; save the file in UTF-8", before: "" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    const message = "this character is not valid UTF-8; save the file in UTF-8";
    return { message, before: validBeginning(Buffer.from(bytes)) };
  }
}

/** The text before the first byte that is not valid UTF-8. */
function validBeginning(bytes: Buffer): string {
  const replaced = bytes.toString("utf8");
  let offset = 0;
  let from = 0;
  for (let at = replaced.indexOf("\ufffd"); at !== -1; at = replaced.indexOf("\ufffd", from)) {
    offset += Buffer.byteLength(replaced.slice(from, at));
    const isWritten = bytes.toString("hex", offset, offset + 3) === "efbfbd";
    if (!isWritten) return replaced.slice(0, at);
    offset += 3;
    from = at + 1;
  }
  return replaced;
}
