import type { DescMethodUnary, Message } from "@bufbuild/protobuf";
import type { Caller } from "../../core/caller.ts";
import type { Permission } from "../../core/permission.ts";
import type { AbortSource } from "../../core/ports/abort.ts";
import type { Operation } from "../../core/operation/operation.ts";

/** A unary RPC of a user's service, however it comes: over gRPC, or over REST by its `google.api.http` rule. */
export interface Rpc {
  readonly desc: DescMethodUnary;
  /** What its callers need. */
  readonly permission: Permission;
  /**
   * Carries the call out.
   *
   * @param request a message of `desc.input`
   * @throws {StatusError} what is wrong with the request or with the world; anything else is a bug of the method's author
   */
  call(request: Message, context: RpcContext): Promise<RpcAnswer>;
}

/** What goes with a call. */
export interface RpcContext {
  readonly caller: Caller;
  /** Aborts when the caller hangs up. */
  readonly signal: AbortSource;
  /** Lets others have the event loop. Undefined where there is so little to do that it need not be shared. */
  readonly nextTurn?: (() => Promise<void>) | undefined;
}

/** An operation that was started, where the RPC answers a `google.longrunning.Operation`; a message of `desc.output` otherwise. */
export type RpcAnswer = { readonly operation: Operation } | { readonly message: Message };
