import type { Caller } from "../caller.ts";

/** What a request tells of its sender. */
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
 * Makes a caller of each request: the same for REST and gRPC, and for each part of a batch. A promise only where the
 * caller is not known at once, as kept answers are sent to callers who are.
 *
 * @throws {StatusError} for credentials that are none; the promise rejects likewise
 */
export type Authenticate = (sender: Sender) => Caller | Promise<Caller>;
