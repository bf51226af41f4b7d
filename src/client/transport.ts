import type { ClientOperation, StartedResult } from "./operation.ts";

/**
 * The port between what a client offers and how calls travel: one attempt at one call each, no repetition. Implemented
 * over REST and over gRPC. Errors are {@link StatusError}s.
 */
export interface Transport {
  start(call: StartCall, options: CallOptions): Promise<ClientOperation>;
  /** One result for each start, in their order. */
  startMany(calls: readonly StartCall[], options: CallOptions): Promise<readonly StartedResult[]>;
  get(name: string, options: CallOptions): Promise<ClientOperation>;
  list(call: ListCall, options: CallOptions): Promise<OperationPage>;
  cancel(name: string, options: CallOptions): Promise<void>;
  delete(name: string, options: CallOptions): Promise<void>;
  /** Answers when done, or after `timeoutMs` with the state it has then. */
  wait(name: string, timeoutMs: number, options: CallOptions): Promise<ClientOperation>;
  /** The operation now, and whenever it has changed. Ends behind the end, and where the server ends it before. */
  watch(name: string, options: CallOptions): AsyncIterable<ClientOperation>;
  /** Lets connections go. A call after it connects again. */
  close(): void;
}

/** Headers of every call, or what gives them: a fresh token, say. */
export type HeaderSource =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** What every call takes. */
export interface CallOptions {
  /** Gives the call up; it rejects with the signal's reason. What the server does already, it goes on doing. */
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

/** One page that is asked for. */
export interface ListCall {
  readonly parent?: string;
  readonly filter?: string;
  /** `createTime` or `endTime`, with ` desc` after it or not; newest first by default. */
  readonly orderBy?: string;
  /** 0 leaves it to the server. */
  readonly pageSize?: number;
  readonly pageToken?: string;
}

/** One page. */
export interface OperationPage {
  readonly operations: readonly ClientOperation[];
  /** Empty on the last page. A page may be empty and not the last. */
  readonly nextPageToken: string;
}
