import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** The decoder of the message rejects anything deeper. */
const DEPTH_MAX = 100;
const FIXED_BYTES: ReadonlyMap<ScalarType | undefined, number> = new Map([
  [ScalarType.FIXED32, 4],
  [ScalarType.SFIXED32, 4],
  [ScalarType.FLOAT, 4],
  [ScalarType.FIXED64, 8],
  [ScalarType.SFIXED64, 8],
  [ScalarType.DOUBLE, 8],
]);

/**
 * Counts the fields and the elements of packed lists in the bytes of a message, on all levels,
 * without decoding the message. It stops at the first one above `max`, and at invalid bytes, which
 * the decoder reports.
 */
export function messageExtent(desc: DescMessage, bytes: Uint8Array, max: number): number {
  const extent = new Extent(bytes, max);
  try {
    extent.message(desc, bytes.length, 0);
  } catch {
    // Not a valid message.
  }
  return extent.count;
}

class Extent {
  count = 0;
  readonly #bytes: Uint8Array;
  readonly #reader: BinaryReader;
  readonly #max: number;

  constructor(bytes: Uint8Array, max: number) {
    this.#bytes = bytes;
    this.#reader = new BinaryReader(bytes);
    this.#max = max;
  }

  message(desc: DescMessage | undefined, end: number, depth: number): void {
    if (depth > DEPTH_MAX) throw new RangeError("Too deep");
    while (this.#reader.pos < end && this.count <= this.#max) {
      const [number, type] = this.#reader.tag();
      this.count++;
      if (type === WireType.LengthDelimited) {
        this.#delimited(
          desc?.fields.find((field) => field.number === number),
          depth,
        );
      } else this.#reader.skip(type, number);
    }
  }

  #delimited(field: DescField | undefined, depth: number): void {
    const length = this.#reader.uint32();
    const end = this.#reader.pos + length;
    if (end > this.#reader.len) throw new RangeError("Cut off");
    if (field?.fieldKind === "map") this.#entry(field.message, end, depth);
    else if (field?.message !== undefined) this.message(field.message, end, depth + 1);
    else if (field?.fieldKind === "list") this.#packed(field.scalar, end);
    this.#reader.pos = end;
  }

  /** In a map, field 1 is the key and field 2 the value. */
  #entry(value: DescMessage | undefined, end: number, depth: number): void {
    while (this.#reader.pos < end && this.count <= this.#max) {
      const [number, type] = this.#reader.tag();
      this.count++;
      if (number !== 2 || type !== WireType.LengthDelimited || value === undefined) {
        this.#reader.skip(type, number);
        continue;
      }
      const length = this.#reader.uint32();
      const stop = this.#reader.pos + length;
      if (stop > this.#reader.len) throw new RangeError("Cut off");
      this.message(value, stop, depth + 1);
      this.#reader.pos = stop;
    }
  }

  #packed(scalar: ScalarType | undefined, end: number): void {
    if (scalar === ScalarType.STRING || scalar === ScalarType.BYTES) return;
    const fixed = FIXED_BYTES.get(scalar);
    if (fixed !== undefined) this.count += Math.floor((end - this.#reader.pos) / fixed);
    // The last byte of a varint has no continuation bit.
    else for (let at = this.#reader.pos; at < end; at++) if ((this.#bytes[at] ?? 0) < 0x80) this.count++;
  }
}
