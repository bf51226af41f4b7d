import { type MethodCodec, STRUCT_CODEC } from "../core/method/codec.ts";
import type { ReceivedMetadata, ReceivedResponse } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import { type Failure, isDone, type Operation, type State } from "../core/operation/operation.ts";
import type { Schema } from "../core/method/schema.ts";

/** An operation for code in this process: payloads are values, typed by the method. */
export interface TypedOperation<
  R extends Schema | undefined = Schema | undefined,
  M extends Schema | undefined = Schema | undefined,
> {
  /** Such as `projects/p/operations/0199…`; empty for an answer to `validateOnly`. */
  readonly name: string;
  readonly method: string;
  readonly state: State;
  readonly done: boolean;
  /** The last report of the handler; null before the first report. */
  readonly metadata: ReceivedMetadata<M> | null;
  /** Set when the state is SUCCEEDED and the method has a response. */
  readonly response: ReceivedResponse<R> | null;
  /** Set when the state is FAILED or CANCELLED. */
  readonly error: Failure | null;
  readonly createTime: Date;
  readonly endTime: Date | null;
}

/** Decodes a record, by the codec of the method that started it. */
export function typedOperation<R extends Schema | undefined, M extends Schema | undefined>(
  operation: Operation,
  codec: MethodCodec = STRUCT_CODEC,
): TypedOperation<R, M> {
  const { metadata, response, endTime } = operation;
  return {
    name: operation.id === "" ? "" : formatName(operation),
    method: operation.method,
    state: operation.state,
    done: isDone(operation),
    metadata: metadata === null ? null : (codec.value(metadata) as ReceivedMetadata<M>),
    response: response === null ? null : (codec.value(response) as ReceivedResponse<R> | null),
    error: operation.error,
    createTime: new Date(operation.createTime),
    endTime: endTime === null ? null : new Date(endTime),
  };
}
