import {
  create,
  type DescMessage,
  type Message,
  type MessageInitShape,
  type MessageShape,
} from "@bufbuild/protobuf";
import {
  type Duration,
  durationFromMs,
  DurationSchema,
  StructSchema,
  type Timestamp,
  timestampFromMs,
  TimestampSchema,
} from "@bufbuild/protobuf/wkt";

/**
 * A message as the use cases return it: times and durations in milliseconds, null for absent
 * fields.
 */
export type PlainMessage<M> = {
  readonly [Key in keyof M as Key extends "$typeName" | "$unknown" ? never : Key]:
    | PlainValue<NonNullable<M[Key]>>
    | (undefined extends M[Key] ? null | undefined : never);
};

/** For a Struct, the object itself. */
type PlainValue<Value> = Value extends Timestamp | Duration
  ? number
  : string extends keyof Value
    ? Readonly<Record<string, unknown>>
    : Value extends Message<"google.rpc.Status">
      ? Value
      : Value extends Message
        ? PlainMessage<Value>
        : Value extends readonly (infer Each)[]
          ? readonly PlainValue<Each>[]
          : Value;

/** Converts the answer of a use case to a message. */
export function messageOfPlain<Desc extends DescMessage>(
  desc: Desc,
  plain: PlainMessage<MessageShape<Desc>>,
): MessageShape<Desc> {
  return create(desc, initOf(desc, plain) as MessageInitShape<Desc>);
}

function initOf(desc: DescMessage, plain: object): Record<string, unknown> {
  const init: Record<string, unknown> = {};
  for (const { localName, message } of desc.fields) {
    const value: unknown = Reflect.get(plain, localName);
    if (value === null || value === undefined) continue;
    init[localName] = Array.isArray(value)
      ? value.map((each) => valueOf(message, each))
      : valueOf(message, value);
  }
  return init;
}

function valueOf(desc: DescMessage | undefined, value: unknown): unknown {
  if (typeof value === "number") {
    if (desc?.typeName === TimestampSchema.typeName) return timestampFromMs(Math.floor(value));
    return desc?.typeName === DurationSchema.typeName ? durationFromMs(Math.round(value)) : value;
  }
  if (desc === undefined || desc.typeName === StructSchema.typeName) return value;
  return typeof value !== "object" || value === null || "$typeName" in value
    ? value
    : create(desc, initOf(desc, value));
}
