import type { DeclaredMethod } from "./answered-method.ts";

const UNBOUND: unique symbol = Symbol.for("longrunning.unbound") as never;

/** A handler for a named RPC whose descriptors are read later. */
export interface UnboundMethod<Descriptors = unknown> {
  readonly [UNBOUND]: true;
  /** Full name, such as `google.cloud.redis.v1.CloudRedis.CreateInstance`. */
  readonly rpcName: string;
  /**
   * Creates the method from its descriptors. @throws {TypeError} with the missing or contradicting
   * descriptor
   */
  bind(descriptors: Descriptors): DeclaredMethod;
}

/** Creates an unbound method. */
export function unboundMethod<Descriptors>(
  rpcName: string,
  bind: (descriptors: Descriptors) => DeclaredMethod,
): UnboundMethod<Descriptors> {
  return { [UNBOUND]: true, rpcName, bind };
}

/** Whether a value, such as an export of a user's module, needs its descriptor. */
export function isUnboundMethod(value: unknown): value is UnboundMethod {
  return typeof value === "object" && value !== null && UNBOUND in value;
}
