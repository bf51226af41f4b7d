import type { Caller } from "../caller.ts";
import type { StatusError } from "../error/error.ts";
import type { Permission } from "../permission.ts";

/** A call of a use case. */
export interface Call {
  readonly caller: Caller;
  readonly permission: Permission;
  /**
   * The name of the operation; the parent for start, list and a watch of a collection. Empty for
   * the root.
   */
  readonly resource: string;
  /** The method of a start or of an immediate answer. Undefined for a call about an operation. */
  readonly method?: string;
  /** The RPC of the operators' service, or of watches, if several share the permission. */
  readonly rpc?: string;
  /** For a start: set if it is part of the caller's own transaction. */
  readonly inTransaction?: true;
}

/** Decides about permissions. */
export interface Authorizer {
  /**
   * @throws {StatusError} if the caller may not; the promise rejects with the same. Undefined:
   * allowed
   */
  authorize(call: Call): Promise<void> | undefined;
  /**
   * Whether the permission may end by time alone; a long call is then authorized repeatedly.
   *
   * @default never
   */
  endsByTime?(call: Call): boolean;
  /**
   * Called before the request, which contains the resource, is read.
   *
   * @throws {StatusError} if the caller may not do this for any resource
   * @default only `authorize` decides
   */
  authorizeSomewhere?(call: Call): void;
  /**
   * Called for a caller without credentials, before its request is read.
   *
   * @throws {StatusError} if the caller has none of the permissions for any resource, method and
   * time
   * @default `authorize` decides later
   */
  admit?(call: Call, permissions: readonly Permission[]): void;
  /**
   * Identifies what a caller sees of operations. Callers with the same view share cached answers of
   * Get; others never get them. Undefined if this caller gets no cached answer, because `authorize`
   * needs time for it.
   */
  viewOf(caller: Caller): string | undefined;
  /**
   * For a list over several collections, the parents whose subtrees the caller sees; undefined for
   * all.
   *
   * @default all
   */
  parentsOf?(call: Call): readonly string[] | undefined;
  /**
   * The error if the operation of an allowed call does not exist; undefined for the usual one. Only
   * callers who may list the parent are told that it does not exist (AIP-211).
   *
   * @default all callers are told
   */
  concealed?(call: Call): StatusError | undefined;
}
