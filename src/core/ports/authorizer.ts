import type { Caller } from "../caller.ts";
import type { StatusError } from "../error/error.ts";
import type { Permission } from "../permission.ts";

/** A call of a use case. */
export interface Call {
  readonly caller: Caller;
  readonly permission: Permission;
  /** The name of the operation; for start, list and a watch of a collection the parent. Empty for the root. */
  readonly resource: string;
  /** The method that is started or answered. Undefined for a call about an operation. */
  readonly method?: string;
  /** The RPC of the operators' service, or of watches, where several need the permission. */
  readonly rpc?: string;
  /** For a start: set if it is part of the caller's own transaction. */
  readonly inTransaction?: true;
}

/** Decides about permissions. */
export interface Authorizer {
  /** @throws {StatusError} for a caller who may not; the promise rejects likewise. Undefined: allowed */
  authorize(call: Call): Promise<void> | undefined;
  /**
   * Whether time alone may end what `authorize` allows: while such a call goes on, it is authorized again and again.
   *
   * @default never
   */
  endsByTime?(call: Call): boolean;
  /**
   * Is asked before the request is read that alone tells the resource.
   *
   * @throws {StatusError} for a caller who may not, whatever the resource is
   * @default whatever it is, `authorize` decides
   */
  authorizeSomewhere?(call: Call): void;
  /**
   * Is asked about a caller without credentials before anything else of its request is looked at.
   *
   * @throws {StatusError} where the caller has none of some permissions, whatever the resource, the method and the time are
   * @default `authorize` decides later
   */
  admit?(call: Call, permissions: readonly Permission[]): void;
  /**
   * Names what a caller is shown of operations. Callers of one view share the kept answers of Get; a caller of another
   * view is never sent them. Undefined: this caller is sent no kept answer, because `authorize` needs time for it.
   */
  viewOf(caller: Caller): string | undefined;
  /**
   * The parents at or below which the caller of a list over several collections sees what is there; undefined for all of them.
   *
   * @default all
   */
  parentsOf?(call: Call): readonly string[] | undefined;
  /**
   * What the caller of an allowed call is told where its operation does not exist; undefined for that. Only whoever may list the
   * parent is told (AIP-211).
   *
   * @default everybody is
   */
  concealed?(call: Call): StatusError | undefined;
}
