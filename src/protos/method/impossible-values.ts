import type { DescMessage, Message } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";
import type { Duration, Timestamp, Value } from "@bufbuild/protobuf/wkt";
import { JsonError } from "../../core/value/json.ts";
import { issuePath, type SchemaIssue } from "../../core/method/schema.ts";

type Path = NonNullable<SchemaIssue["path"]>;

/**
 * The error for the first value of a message that is encodable as bytes, but not allowed in its
 * type. Undefined for none.
 *
 * @see google/protobuf/timestamp.proto, duration.proto, struct.proto
 */
export function impossibleValue(desc: DescMessage, message: Message): JsonError | undefined {
  return impossibleIn(reflect(desc, message), []);
}

function impossibleIn(message: ReflectMessage, path: Path): JsonError | undefined {
  const rule = RULES[message.desc.typeName]?.(message.message);
  if (rule !== undefined) return new JsonError(issuePath({ message: "", path }), rule);
  for (const field of message.fields) {
    if (field.message === undefined || !message.isSet(field)) continue;
    for (const [value, member] of membersOf(message, field)) {
      const at = member === undefined ? [...path, field.name] : [...path, field.name, member];
      const found = isReflectMessage(value) ? impossibleIn(value, at) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function membersOf(
  message: ReflectMessage,
  field: ReflectMessage["fields"][number],
): readonly (readonly [value: unknown, member: string | number | undefined])[] {
  if (field.fieldKind === "list")
    return Array.from(message.get(field), (value, index) => [value, index] as const);
  if (field.fieldKind === "map")
    return Array.from(message.get(field).entries(), ([key, value]) => [value, String(key)] as const);
  return [[message.get(field), undefined]];
}

function isReflectMessage(value: unknown): value is ReflectMessage {
  return typeof value === "object" && value !== null && "desc" in value && "message" in value;
}

const NANOS_MAX = 999_999_999;
/** 0001-01-01T00:00:00Z and the second before the year 10000. */
const TIMESTAMP_SECONDS = { min: -62_135_596_800n, max: 253_402_300_799n };
const DURATION_SECONDS_MAX = 315_576_000_000n;

const RULES: Readonly<Record<string, (message: Message) => string | undefined>> = {
  "google.protobuf.Timestamp": (message) => {
    const { seconds, nanos } = message as Timestamp;
    const isPossible =
      seconds >= TIMESTAMP_SECONDS.min &&
      seconds <= TIMESTAMP_SECONDS.max &&
      nanos >= 0 &&
      nanos <= NANOS_MAX;
    return isPossible
      ? undefined
      : `expected a timestamp from 0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999999Z, got ${shown(seconds, nanos)}`;
  },
  "google.protobuf.Duration": (message) => {
    const { seconds, nanos } = message as Duration;
    const size = seconds < 0n ? -seconds : seconds;
    const isSameSign = seconds === 0n || nanos === 0 || seconds < 0n === nanos < 0;
    return size <= DURATION_SECONDS_MAX && Math.abs(nanos) <= NANOS_MAX && isSameSign
      ? undefined
      : `expected a duration of 10000 years at most, seconds and nanoseconds of one sign, got ${shown(seconds, nanos)}`;
  },
  "google.protobuf.Value": (message) => {
    const { kind } = message as Value;
    if (kind.case === undefined) return "expected a value of some kind, got one of none";
    return kind.case === "numberValue" && !Number.isFinite(kind.value)
      ? `expected a number that JSON has, got ${kind.value}`
      : undefined;
  },
};

function shown(seconds: bigint, nanos: number): string {
  return `${seconds} s and ${nanos} ns`;
}
