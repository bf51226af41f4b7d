import type { Caller } from "../caller.ts";

/** The facts of a request that identify its sender. */
export interface Sender {
  /** Headers, or the metadata of gRPC; names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values of headers in turn, as they came. Undefined where the server keeps them to itself. */
  readonly rawHeaders?: readonly string[] | undefined;
  /** The address with its query, which may hold credentials. Undefined where there is none. */
  readonly url?: string | undefined;
  /** The RPC of a call over gRPC, such as `google.longrunning.Operations/GetOperation`. */
  readonly rpc?: string | undefined;
  /** Parameters that came in a form instead of the address. */
  readonly parameters?: readonly SenderParameter[] | undefined;
  /** The connection that it came over. Undefined where a server of the user's keeps it to itself. */
  readonly socket: SenderSocket | undefined;
}

/** A name and a value. */
export type SenderParameter = readonly [name: string, value: string];

/** A connection; with TLS it may know a certificate of the client's. */
export interface SenderSocket {
  readonly remoteAddress?: string | undefined;
}

/**
 * Identifies the caller of each request, for REST, gRPC and each part of a batch. Returns a promise
 * only if it cannot answer at once, because cached answers need the caller at once.
 *
 * @throws {StatusError} for invalid credentials; the promise rejects with the same
 */
export type Authenticate = (sender: Sender) => Caller | Promise<Caller>;
