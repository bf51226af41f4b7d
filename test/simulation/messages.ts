/** The messages between the main process and its jobs. */

/** A task: seeds to run. */
export interface Task {
  readonly from: number;
  readonly count: number;
}

/** A history with a problem. */
export interface Failed {
  readonly seed: number;
  readonly problems: readonly string[];
}

/** The result of a task. The task ends at the first failure. */
export interface Report {
  readonly task: Task;
  /** The number of histories that ran. */
  readonly histories: number;
  readonly failed: Failed | undefined;
  readonly operations: number;
  readonly attempts: number;
  readonly faults: number;
  /** A hash of all courses of the task. */
  readonly hash: string;
  readonly cpuMs: number;
}

/** A description of a failure, for people. */
export interface Story {
  readonly seed: number;
  readonly problems: readonly string[];
  /** The smallest plan as JSON, and its course. */
  readonly plan: string;
  readonly lines: readonly string[];
}

export type ToJob = { readonly run: Task } | { readonly explain: number };
export type FromJob = { readonly report: Report } | { readonly story: Story };
