/**
 * The oracle's knowledge of an operation. The names are those of the record, so that the two can be
 * compared.
 */
export interface Expected {
  readonly id: string;
  readonly parent: string;
  readonly method: string;
  readonly requestId: string | null;
  readonly request: string;
  readonly attemptsMax: number;
  readonly createTime: number;
  readonly timeToLiveMs: number;
  readonly deadlineTime: number | null;
  readonly priority: number;
  readonly parallelKey: string | null;
  /** Its caller, as stored. */
  readonly caller: string | null;
  /** Whether it waits for others of its method and key. */
  blocked: boolean;
  state: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  revision: number;
  attempt: number;
  failedAttempts: number;
  metadata: string | null;
  response: string | null;
  /** The reason of the error, or its code if the handler gave no reason. */
  error: string | null;
  startTime: number | null;
  /** When the current or last attempt began. */
  attemptTime: number | null;
  endTime: number | null;
  expireTime: number | null;
  availableTime: number;
  cancelTime: number | null;
  leaseTime: number | null;
  worker: string | null;
  /** The worker of the last attempt that has ended. */
  lastWorker: string | null;
  /** The newest unsuccessful attempts, each with its number, worker, times, outcome and code. */
  attempts: string;
}

/** The limit of concurrent operations of a method and key, and what happens to a further one. */
export interface ExpectedLimit {
  readonly most: number;
  readonly when: "queue" | "reject";
}

/** The contents of a start with a request id. */
export interface AskedRequest extends Pick<Expected, "parent" | "method" | "parallelKey"> {
  readonly requestId: string | undefined;
}

/** How an attempt failed. */
export interface ExpectedFailure {
  /** The reason of the error, or its code. */
  readonly code: string;
  /** The code of the error. */
  readonly status: string;
  readonly onPurpose: boolean;
  /** Null if no further attempt is wanted. */
  readonly retryTime: number | null;
}
