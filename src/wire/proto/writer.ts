import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";

/** A writer of protobuf bytes. Its calls return itself. */
export type Writer = InstanceType<typeof BinaryWriter>;

/** A writer is kept after messages up to this size in bytes, because its buffer never shrinks. */
const KEPT_BYTES_MAX = 65_536;

/** An unused writer for the next message. A new one would have to grow its buffer again. */
let spare: Writer | undefined;

/** The bytes that a function writes. */
export function written(write: (writer: Writer) => void): Uint8Array {
  const writer = spare ?? new BinaryWriter();
  // Removed while in use, so that a failing function leaves no partial message behind.
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
