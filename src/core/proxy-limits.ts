/** The limits of `longrunning proxy`. They are a part of `LIMITS`. */
export const PROXY_LIMITS = {
  /** The body of a request that becomes an operation: it is kept in the record, in base64, below `requestBytesMax`. */
  proxyRequestBytesMax: 1_048_576,
  /** The body of an answer that is kept: in base64, with its headers, it stays below `payloadBytesMax`. */
  proxyAnswerBytesMax: 716_800,
  /** The headers of an answer that is kept, in characters. Node reads no more of a head by default than half of it. */
  proxyAnswerHeadersMax: 32_768,
  /** The address of a request that becomes an operation, in characters: a part of a head. */
  proxyTargetLengthMax: 16_384,
  /** Requests that are passed through at once by one process, with tunnels. Each takes two sockets. */
  proxyPassedMax: 8_192,
  /** Connections to the upstream that are kept for later requests. */
  proxyKeptConnections: 256,
  /** How long one is kept: less than the five seconds after which servers of Node close theirs. */
  proxyKeptMs: 4_000,
  /** A caller who sends nothing of its body for so long is cut: as long as a whole body may take elsewhere. */
  proxyUploadMs: 60_000,
  /** Credentials without an operation are removed after so long. The operation is stored right after them. */
  proxyCredentialsAloneMs: 60_000,
  /** How often credentials that were left behind are looked for, and how many at once. */
  proxyCredentialsLookMs: 60_000,
  proxyCredentialsLook: 1_000,
  /** Patterns of requests that become operations: each request is held against all of them. */
  proxyRulesMax: 32,
  /** A pattern of those, in characters. */
  proxyRuleLengthMax: 256,
  /** How long an operation may wait for the answer unless the settings say otherwise, and what they may say. */
  proxyAsyncMs: 3_600_000,
} as const;
