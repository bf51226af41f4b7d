/** What the oracle knows of an operation; the names are those of the record, so that the two can be compared. */
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
  /** Who started it, as it is stored. */
  readonly caller: string | null;
  /** It waits for others of its method and key. */
  blocked: boolean;
  state: "PENDING" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  revision: number;
  attempt: number;
  failedAttempts: number;
  metadata: string | null;
  response: string | null;
  /** The reason of the error, or its code where the handler gave no reason. */
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
  /** Who ran the last attempt that has ended. */
  lastWorker: string | null;
  /** The newest attempts that ended without success, each as its number, worker, times, how it ended and the code. */
  attempts: string;
}

/** How many operations of a method and key go on at once, and what becomes of one more. */
export interface ExpectedLimit {
  readonly most: number;
  readonly when: "queue" | "reject";
}

/** What a start with a request id says. */
export interface AskedRequest extends Pick<Expected, "parent" | "method" | "parallelKey"> {
  readonly requestId: string | undefined;
}

/** How an attempt is said to have failed. */
export interface ExpectedFailure {
  /** The reason of the error, or its code. */
  readonly code: string;
  /** The code of the error. */
  readonly status: string;
  readonly onPurpose: boolean;
  /** Null where no other attempt is wanted. */
  readonly retryTime: number | null;
}
