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
  /** Returns the done operation, or its state after `timeoutMs`. */
  wait(name: string, timeoutMs: number, options: CallOptions): Promise<ClientOperation>;
  /**
   * Yields the current operation, and each change. It ends after the operation's end, or when the
   * server ends the stream.
   */
  watch(name: string, options: CallOptions): AsyncIterable<ClientOperation>;
  /**
   * Yields the operations of a collection, and their changes. It ends when the server ends the
   * stream.
   */
  watchOperations(call: WatchCall, options: CallOptions): AsyncIterable<CollectionEvent>;
  /** Closes connections. A later call connects again. */
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
  readonly parent?: string | undefined;
  readonly requestId?: string | undefined;
  readonly validateOnly?: boolean | undefined;
  /** A proto-JSON duration such as `"3600s"`. */
  readonly timeToLive?: string | undefined;
  /** A proto-JSON duration. */
  readonly delay?: string | undefined;
  readonly priority?: number | undefined;
  readonly callbackUrl?: string | undefined;
}

/** The request for one page of a list. */
export interface ListCall {
  readonly parent?: string;
  readonly filter?: string;
  /** `createTime` or `endTime`, optionally followed by ` desc`; newest first by default. */
  readonly orderBy?: string;
  /** 0 for the server's default. */
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
