import type { ClientOperation, StartedResult } from "./operation.ts";

/**
 * The interface between the client and its transports, implemented over REST and gRPC. Each
 * function makes one attempt of a call, without retries. Errors are {@link StatusError}s.
 */
export interface Transport {
  start(call: StartCall, options: CallOptions): Promise<ClientOperation>;
  /** Returns one result per start, in the same order. */
  startMany(calls: readonly StartCall[], options: CallOptions): Promise<readonly StartedResult[]>;
  get(name: string, options: CallOptions): Promise<ClientOperation>;
  list(call: ListCall, options: CallOptions): Promise<OperationPage>;
  cancel(name: string, options: CallOptions): Promise<void>;
  delete(name: string, options: CallOptions): Promise<void>;
  /** Answers when done, or after `timeoutMs` with the state it has then. */
  wait(name: string, timeoutMs: number, options: CallOptions): Promise<ClientOperation>;
  /** The operation now, and whenever it has changed. Ends behind the end, and where the server ends it before. */
  watch(name: string, options: CallOptions): AsyncIterable<ClientOperation>;
  /** The operations of a collection, and what changes. Ends where the server ends it. */
  watchOperations(call: WatchCall, options: CallOptions): AsyncIterable<CollectionEvent>;
  /** Lets connections go. A call after it connects again. */
  close(): void;
}

/** Headers of every call, or a function that returns them, for example with a fresh token. */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** The options of every call. */
export interface CallOptions {
  /**
   * Aborts the call, which rejects with the signal's reason. Work that the server has already begun
   * continues.
   */
  readonly signal?: AbortSignal;
}

/** A start, ready to be sent. */
export interface StartCall {
  readonly method: string;
  readonly request: unknown;
  readonly parent?: string;
  readonly requestId?: string;
  readonly validateOnly?: boolean;
  /** A proto-JSON duration such as `"3600s"`. */
  readonly timeToLive?: string;
  /** A proto-JSON duration. */
  readonly delay?: string;
  readonly priority?: number;
  readonly callbackUrl?: string;
}

/** The request for one page of a list. */
export interface ListCall {
  readonly parent?: string;
  readonly filter?: string;
  /** `createTime` or `endTime`, with ` desc` after it or not; newest first by default. */
  readonly orderBy?: string;
  /** 0 leaves it to the server. */
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** The options of a watch of a collection. */
export interface WatchCall {
  /** The collection, as in a list; `-` in place of a segment matches any segment. @default operations without a parent */
  readonly parent?: string;
  /** An AIP-160 filter, as in a list. @default all operations */
  readonly filter?: string;
}

/** An event of a watch of a collection. */
export type CollectionEvent =
  /** The current state of an operation that matches. The same state may come twice. */
  | { readonly kind: "operation"; readonly operation: ClientOperation }
  /** The operation was deleted, or no longer matches. */
  | { readonly kind: "removed"; readonly name: string }
  /** The newest 1,000 operations have all come; changes follow. */
  | { readonly kind: "initialEnd" };

/** One page of a list. */
export interface OperationPage {
  readonly operations: readonly ClientOperation[];
  /** Empty on the last page. A page may be empty and not the last. */
  readonly nextPageToken: string;
}
