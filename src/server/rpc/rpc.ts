import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { Caller } from "../../core/caller.ts";
import type { Permission } from "../../core/permission.ts";
import type { AbortSource } from "../../core/ports/abort.ts";
import type { Operation } from "../../core/operation/operation.ts";

/**
 * A unary RPC of a user's service, called over gRPC, or over REST by its `google.api.http` rule.
 */
export interface Rpc {
  readonly desc: DescMethodUnary;
  /** The permission that callers need. */
  readonly permission: Permission;
  /** The name of the method that it starts; undefined if it starts no operation. */
  readonly startName?: string;
  /**
   * Carries the call out.
   *
   * @param request a message of `desc.input`
   * @throws {StatusError} for errors of the request or of the environment; any other error is a bug
   * of the method's author
   */
  call(request: Message, context: RpcContext): Promise<RpcAnswer>;
}

/** The context of a call. */
export interface RpcContext {
  readonly caller: Caller;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSource;
  /** Yields the event loop. Undefined if the call is too small to need it. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/**
 * A started operation, if the RPC returns a `google.longrunning.Operation`; otherwise a message of
 * `desc.output`.
 */
export type RpcAnswer = { readonly operation: Operation } | { readonly message: Message };
