import { WireType } from "@bufbuild/protobuf/wire";
import { open, type Writer } from "./writer.ts";

/**
 * JSON values as `google.protobuf.Struct`, `Value` and `ListValue`, written directly as bytes.
 * Nearly every payload is a Struct and each poll over gRPC sends two, so no message objects are
 * created.
 *
 * @see google/protobuf/struct.proto
 */

/** Field numbers of `Struct` and of the entries of its map. */
const FIELDS = 1;
const KEY = 1;
const ENTRY_VALUE = 2;
/** Field number of `ListValue.values`. */
const VALUES = 1;
/** Field numbers of `Value`, one for each kind. */
const NULL_VALUE = 1;
const NUMBER_VALUE = 2;
const STRING_VALUE = 3;
const BOOL_VALUE = 4;
const STRUCT_VALUE = 5;
const LIST_VALUE = 6;

/** Writes the fields of a Struct. @param value an object from `JSON.parse` */
export function writeStruct(writer: Writer, value: object): void {
  for (const [key, member] of Object.entries(value)) {
    open(writer, FIELDS);
    writer.tag(KEY, WireType.LengthDelimited).string(key);
    open(writer, ENTRY_VALUE);
    writeValue(writer, member);
    writer.join().join();
  }
}

/** Writes the one field of a Value, even if it is zero, because it tells the kind of the value. */
function writeValue(writer: Writer, value: unknown): void {
  switch (typeof value) {
    case "string":
      writer.tag(STRING_VALUE, WireType.LengthDelimited).string(value);
      return;
    case "number":
      writer.tag(NUMBER_VALUE, WireType.Bit64).double(value);
      return;
    case "boolean":
      writer.tag(BOOL_VALUE, WireType.Varint).bool(value);
      return;
    default:
      writeNested(writer, value);
  }
}

function writeNested(writer: Writer, value: unknown): void {
  if (typeof value !== "object" || value === null) {
    writer.tag(NULL_VALUE, WireType.Varint).int32(0);
    return;
  }
  open(writer, Array.isArray(value) ? LIST_VALUE : STRUCT_VALUE);
  if (Array.isArray(value)) {
    for (const member of value) {
      open(writer, VALUES);
      writeValue(writer, member);
      writer.join();
    }
  } else writeStruct(writer, value);
  writer.join();
}
