/** The limits of `longrunning proxy`. They are a part of `LIMITS`. */
export const PROXY_LIMITS = {
  /**
   * The body of a request that becomes an operation: the record contains it in base64, below
   * `requestBytesMax`.
   */
  proxyRequestBytesMax: 1_048_576,
  /**
   * The part of the heap for each request that is sent as an operation: its body and its answer
   * are in memory several times, as text, as JSON and as bytes.
   */
  proxyHeapBytes: 16_777_216,
  /** The body of a stored answer: in base64, with its headers, it stays below `payloadBytesMax`. */
  proxyAnswerBytesMax: 716_800,
  /**
   * The headers of a stored answer, in characters. Node's default limit for a head is half of this.
   */
  proxyAnswerHeadersMax: 32_768,
  /** The URL of a request that becomes an operation, in characters: a part of a head. */
  proxyTargetLengthMax: 16_384,
  /**
   * Concurrent passed-through requests in one process, including tunnels. Each takes two sockets.
   */
  proxyPassedMax: 8_192,
  /** Idle connections to the upstream. */
  proxyKeptConnections: 256,
  /** How long an idle connection is kept: less than the five seconds of Node's servers. */
  proxyKeptMs: 4_000,
  /** How long a caller may send nothing of its body: as long as a whole body may take elsewhere. */
  proxyUploadMs: 60_000,
  /**
   * Credentials without an operation are removed after this time. Normally the operation is stored
   * right after them.
   */
  proxyCredentialsAloneMs: 60_000,
  /** The interval between searches for such credentials, and the number removed at once. */
  proxyCredentialsLookMs: 60_000,
  proxyCredentialsLook: 1_000,
  /** Patterns of requests that become operations: each request is compared with all of them. */
  proxyRulesMax: 32,
  /** One of these patterns, in characters. */
  proxyRuleLengthMax: 256,
  /** The default time for the answer of an operation, and its upper limit in the settings. */
  proxyAsyncMs: 3_600_000,
} as const;
