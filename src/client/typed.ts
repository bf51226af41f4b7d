import type { Method, ReceivedMetadata, ReceivedResponse, RequestOf } from "../core/method/method.ts";
import type { JsonObject } from "../core/operation/payload.ts";
import type { Schema } from "../core/method/schema.ts";
import type { ClientOperation } from "./operation.ts";

/** The request type of a method. `unknown` if only its name is given. */
export type RequestTo<T extends Method> = T extends Method<infer Q> ? RequestOf<Q> : unknown;

/** The response type of a method. `unknown` if only its name is given. */
export type ResponseFrom<T extends Method> =
  T extends Method<infer _Q, infer R, infer _M> ? ReceivedResponse<R> : unknown;

/** The metadata type of a method. */
export type MetadataFrom<T extends Method> =
  T extends Method<infer _Q, infer _R, infer M>
    ? [M] extends [Schema]
      ? ReceivedMetadata<M>
      : JsonObject
    : JsonObject;

/** An operation of the method. */
export type OperationOf<T extends Method> = ClientOperation<ResponseFrom<T>, MetadataFrom<T>>;
