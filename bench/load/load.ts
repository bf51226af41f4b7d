/** A load: so many connections, each with one request under way, for so long. */
export interface Load {
  readonly url: string;
  /** Paths to ask for, one after the other in a shuffled order; or a single one. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes the requests POSTs. */
  readonly body?: string;
}

/** What came of a load. */
export interface LoadResult {
  /** Requests that were answered with a 2xx. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Answers of another kind, and connections that broke. Must be 0 for the rest to mean anything. */
  readonly failures: number;
}

/** Makes load from outside the server's process. */
export interface LoadGenerator {
  /** Its name and version. */
  readonly name: string;
  run(load: Load): Promise<LoadResult>;
}
