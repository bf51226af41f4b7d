/** What the main process and its jobs tell each other. */

/** Seeds to run. */
export interface Task {
  readonly from: number;
  readonly count: number;
}

/** A history in which something is wrong. */
export interface Failed {
  readonly seed: number;
  readonly problems: readonly string[];
}

/** What became of a task. It ends with the first failure. */
export interface Report {
  readonly task: Task;
  /** Histories that were run. */
  readonly histories: number;
  readonly failed: Failed | undefined;
  readonly operations: number;
  readonly attempts: number;
  readonly faults: number;
  /** All courses of the task together. */
  readonly hash: string;
  readonly cpuMs: number;
}

/** What a failure comes to, for people. */
export interface Story {
  readonly seed: number;
  readonly problems: readonly string[];
  /** The smallest plan as JSON, and what happened in it. */
  readonly plan: string;
  readonly lines: readonly string[];
}

export type ToJob = { readonly run: Task } | { readonly explain: number };
export type FromJob = { readonly report: Report } | { readonly story: Story };
