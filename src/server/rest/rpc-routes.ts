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
 * RPCs of users' services by their HTTP bindings, as an interface for the rest of REST. The
 * implementation needs the protobuf runtime, which a server without such RPCs does not load.
 */
export interface RpcRoutes {
  /**
   * The versions, which are first segments of paths, such as `v1beta1`, in the order of the
   * bindings.
   */
  readonly versions: readonly string[];
  /**
   * The RPC for an HTTP method and a path that is not decoded. A binding for any method applies if
   * there is no other.
   */
  find(httpMethod: string, path: string): RpcRoute | undefined;
  /** The HTTP methods of a path that is not decoded; includes `*` for any method. */
  methodsAt(path: string): readonly string[];
  readonly describer: RpcDescriber;
  /** The types that an `Any` may contain. */
  readonly types: Types;
  /** Decides which error details have a type in the protos of the RPCs. @default none */
  readonly knowsDetail?: KnowsDetail;
}

/** A binding of an RPC, with the values from the path. */
export interface RpcRoute {
  /** The RPC, such as `acme.v1.Disks.Resize`. */
  readonly name: string;
  /** The permission that callers need. */
  readonly permission: Permission;
  /** The fields of the answer, for field masks. */
  readonly shape: Shape;
  /** The template of its path, such as `/v1/{name=projects/*}:export`. */
  readonly template: string;
  /** Whether the answer is a message and can be sent as protobuf bytes. */
  readonly hasProto: boolean;
  /** @throws {StatusError} for an invalid request, and errors of the RPC */
  call(parts: RpcCallParts): Promise<RpcReply>;
  /** Converts an answer in JSON to protobuf bytes. */
  proto(json: string): Uint8Array;
}

/** The parts of a call besides its path. */
export interface RpcCallParts {
  /** Without the system parameters. */
  readonly query: readonly QueryParameter[];
  /** The JSON of the body; `{}` for none. */
  readonly body: JsonObject;
  readonly enumsAsNumbers: boolean;
  readonly caller: Caller;
  readonly signal: AbortSource;
  /** Yields the event loop. Undefined if the call is too small to need it. */
  readonly nextTurn?: () => Promise<void>;
}

/** A started operation, or compact JSON. */
export type RpcReply = { readonly operation: Operation } | { readonly json: string };
