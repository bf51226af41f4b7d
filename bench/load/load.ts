/** A load: a number of connections, each with one request at a time, for a number of seconds. */
export interface Load {
  readonly url: string;
  /** Paths of the requests: visited in a shuffled order, or a single path. */
  readonly paths: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Headers of each request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body of each request; with a body, requests are POSTs. */
  readonly body?: string;
}

/** The result of a load. */
export interface LoadResult {
  /** Requests answered with a 2xx status. */
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** Other answers, and broken connections. The other figures are valid only if this is 0. */
  readonly failures: number;
}

/** Makes load from outside the server's process. */
export interface LoadGenerator {
  /** Its name and version. */
  readonly name: string;
  run(load: Load): Promise<LoadResult>;
}
