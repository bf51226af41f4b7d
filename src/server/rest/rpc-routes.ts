import type { Caller } from "../../core/caller.ts";
import type { JsonObject } from "../../core/operation/payload.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Permission } from "../../core/permission.ts";
import type { AbortSource } from "../../core/ports/abort.ts";
import type { KnowsDetail } from "../../wire/details.ts";
import type { Types } from "../../wire/proto/registry.ts";
import type { RpcDescriber } from "../../describe/discovery/rpc-describer.ts";
import type { Shape } from "./field-mask.ts";
import type { QueryParameter } from "./query.ts";

/**
 * RPCs of users' services by their HTTP bindings, as the rest of the REST interface sees them. What is behind it needs the
 * protobuf runtime, which a server without such RPCs does not read from the disk.
 */
export interface RpcRoutes {
  /** The first segments of paths that are versions, such as `v1beta1`, in the order of the bindings. */
  readonly versions: readonly string[];
  /** What an HTTP method and a raw path lead to. A binding for any method counts where there is no other. */
  find(httpMethod: string, path: string): RpcRoute | undefined;
  /** The HTTP methods that a raw path has; `*` among them for any. */
  methodsAt(path: string): readonly string[];
  readonly describer: RpcDescriber;
  /** What an `Any` may hold. */
  readonly types: Types;
  /** Which error details the protos of the RPCs have a type for. @default none */
  readonly knowsDetail?: KnowsDetail;
}

/** A binding of an RPC, with what the path has bound. */
export interface RpcRoute {
  /** The RPC, such as `acme.v1.Disks.Resize`. */
  readonly name: string;
  /** What callers of the RPC need. */
  readonly permission: Permission;
  /** What the answer looks like, for field masks. */
  readonly shape: Shape;
  /** The template of its path, such as `/v1/{name=projects/*}:export`. */
  readonly template: string;
  /** Whether the answer is a message, and so has protobuf bytes. */
  readonly hasProto: boolean;
  /** @throws {StatusError} for a request that cannot be meant, and whatever the RPC throws */
  call(parts: RpcCallParts): Promise<RpcReply>;
  /** The protobuf bytes of an answer that is there as JSON. */
  proto(json: string): Uint8Array;
}

/** What goes with a call besides its path. */
export interface RpcCallParts {
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** The JSON of the body; `{}` for none. */
  readonly body: JsonObject;
  readonly enumsAsNumbers: boolean;
  readonly caller: Caller;
  readonly signal: AbortSource;
  /** Lets others have the event loop. Undefined where there is so little to do that it need not be shared. */
  readonly nextTurn?: () => Promise<void>;
}

/** An operation that was started, or compact JSON. */
export type RpcReply = { readonly operation: Operation } | { readonly json: string };
