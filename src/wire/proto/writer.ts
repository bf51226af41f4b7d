import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A writer of protobuf bytes. Its calls return itself. */
export type Writer = InstanceType<typeof BinaryWriter>;

/** The largest message, in bytes, after which a writer is kept: its buffer stays as large as it became. */
const KEPT_BYTES_MAX = 65_536;

/** A writer that nobody uses. A new one would grow its buffer step by step for each message. */
let spare: Writer | undefined;

/** The bytes that a function writes. */
export function written(write: (writer: Writer) => void): Uint8Array {
  const writer = spare ?? new BinaryWriter();
  // Taken, so that a function that fails leaves no half of a message behind.
  spare = undefined;
  write(writer);
  const bytes = writer.finish();
  if (bytes.length <= KEPT_BYTES_MAX) spare = writer;
  return bytes;
}

/** Begins a message field; `join()` ends it. */
export function open(writer: Writer, field: number): void {
  writer.tag(field, WireType.LengthDelimited).fork();
}
