import type { Caller } from "../caller.ts";

/** The facts of a request that identify its sender. */
export interface Sender {
  /** Headers, or the metadata of gRPC, with names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /**
   * Alternating names and values of headers, as received. Undefined if the server does not give
   * them.
   */
  readonly rawHeaders?: readonly string[] | undefined;
  /** The URL with its query, which may contain credentials. Undefined without a URL. */
  readonly url?: string | undefined;
  /** The RPC of a call over gRPC, such as `google.longrunning.Operations/GetOperation`. */
  readonly rpc?: string | undefined;
  /** Parameters of a form in place of the URL's. */
  readonly parameters?: readonly SenderParameter[] | undefined;
  /** The connection of the request. Undefined if a user's own server does not give it. */
  readonly socket: SenderSocket | undefined;
}

/** A name and a value. */
export type SenderParameter = readonly [name: string, value: string];

/** A connection; with TLS it may have a client certificate. */
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
