import type { Method, ReceivedMetadata, ReceivedResponse, RequestOf } from "../core/method/method.ts";
import type { JsonObject } from "../core/operation/payload.ts";
import type { Schema } from "../core/method/schema.ts";
import type { ClientOperation } from "./operation.ts";

/** What a call of the method takes. `unknown` where the method is known by name only. */
export type RequestTo<T extends Method> = T extends Method<infer Q> ? RequestOf<Q> : unknown;

/** What the method answers. `unknown` where the method is known by name only. */
export type ResponseFrom<T extends Method> =
  T extends Method<infer _Q, infer R, infer _M> ? ReceivedResponse<R> : unknown;

/** What the method reports. */
export type MetadataFrom<T extends Method> =
  T extends Method<infer _Q, infer _R, infer M>
    ? [M] extends [Schema]
      ? ReceivedMetadata<M>
      : JsonObject
    : JsonObject;

/** An operation of the method. */
export type OperationOf<T extends Method> = ClientOperation<ResponseFrom<T>, MetadataFrom<T>>;
