import { ACCESS_LIMITS } from "./access-limits.ts";
import { ADMIN_LIMITS } from "./admin-limits.ts";
import { ENCRYPTION_LIMITS } from "./encryption-limits.ts";
import { FILE_LIMITS } from "./file-limits.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { METHODS_FILE_LIMITS } from "./methods-file-limits.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { QUOTA_LIMITS } from "./quota-limits.ts";
import { BODY_LIMITS } from "./body-limits.ts";
import { CREDENTIAL_LIMITS } from "./credential-limits.ts";
import { STATISTICS_LIMITS } from "./statistics/limits.ts";
import { REMOTE_LIMITS } from "./remote-limits.ts";
import { WATCH_LIMITS } from "./watch-limits.ts";
import { WEBHOOK_LIMITS } from "./webhook-limits.ts";

/** Every limit of the service, with its unit in the name. Errors name the limit that was passed. */
export const LIMITS = {
  ...BODY_LIMITS,
  /**
   * Levels of objects and arrays in a payload. In a Struct, each costs three nested messages, and
   * protobuf parsers refuse more than 100.
   */
  jsonDepthMax: 32,
  /**
   * Members and elements in a request's JSON, over all levels. Each takes some microseconds and
   * blocks other calls meanwhile; a megabyte of `[],[],…` has 500,000.
   */
  jsonValuesMax: 20_000,
  /** An operation's name or a parent, in code points. Real names stay far below. */
  nameLengthMax: 1_024,
  /** The same in UTF-8: an index entry of PostgreSQL has at most 2,704, with a request id. */
  nameBytesMax: 2_048,
  /** A request id. AIP-155 asks for UUID4 (36 characters); other idempotency keys are longer. */
  requestIdLengthMax: 128,
  /** An operation's target, in code points, as for names: every answer contains it. */
  targetLengthMax: 1_024,
  /**
   * A caller's principal, and its tenant, in characters: every record holds both. An OpenID Connect
   * subject has 255, an email address 254; other systems use names of resources.
   */
  callerLengthMax: 1_024,
  /** A method's name. AIP-210: identifiers have 64 characters at most. */
  methodNameLengthMax: 64,
  /** Operations on a page when the caller does not say. AIP-158 leaves it to the service. */
  pageSizeDefault: 50,
  /** Operations on a page at most; larger values are lowered silently (AIP-158). */
  pageSizeMax: 1_000,
  /** Bytes of payloads on a page, so that a page stays below the 4 MiB of gRPC peers. */
  pageBytesMax: 3_145_728,
  /** A filter's text, in characters: room for a page of ids, and short enough for a URL. */
  filterLengthMax: 4_096,
  /** Restrictions and words in a filter: each may have to be tried on every operation. */
  filterTermsMax: 100,
  /** Methods of a filter's verb in SQL, one parameter each; others are checked in memory. */
  filterMethodsMax: 32,
  /** Parentheses inside one another in a filter. */
  filterDepthMax: 20,
  /** Operations that a filtered list reads for a page; a short page then has a token (AIP-158). */
  listRowsExaminedMax: 10_000,
  /** Operations looked at in one turn of the event loop: a few milliseconds. */
  listRowsPerTurn: 1_000,
  /** Operations that a list takes in one turn of the event loop: each needs memory. */
  listTakenPerTurn: 250,
  /** Characters of payloads that a page reads, once for each restriction on payloads. */
  listTextExaminedMax: 33_554_432,
  /** The same in one turn of the event loop: some milliseconds. */
  listTextPerTurn: 2_097_152,
  /** The cost of such a restriction for a record with empty payloads, in characters. */
  listTextPerRecord: 256,
  /** Operations on a page without payloads: a browser draws so many immediately. */
  rowsMax: 100,
  /** Characters of metadata and errors read for such a row: its members come first. */
  rowTextMax: 16_384,
  /** Characters of an exception read for such a row, which shows the first line. */
  rowExceptionMax: 400,
  /** A message in such a row, in characters. */
  rowMessageLengthMax: 200,
  /** Methods that a list reads by their own index. */
  listMethodsMax: 8,
  /** Prepared statements kept for lists: callers choose the shapes of their filters. */
  listStatementsMax: 64,
  /** The validity of a page token. AIP-158: about three days. */
  pageTokenLifeMs: 259_200_000,
  /** The longest Wait: load balancers cut idle connections after about a minute. */
  waitMsMax: 60_000,
  /** The Wait of a caller without a timeout. */
  waitMsDefault: 30_000,
  /** The time for a schema to answer, because callers wait while their requests are checked. */
  validationMsMax: 10_000,
  /** Requests that wait for asynchronous schemas in a process: ten full `startMany`. */
  validationsMax: 10_000,
  /** Waiters and watchers in one process; one more gets RESOURCE_EXHAUSTED. */
  waitersMax: 100_000,
  /** A connection's share of the free places for waiters, so that a few cannot take all. */
  waitersShare: 8,
  /** How often waits and watches check their credentials: half of their possible overrun. */
  heldCallCheckMs: 1_000,
  /** A process's newest operations, which waits need not read; up to twice as many are kept. */
  beginningsMax: 10_000,
  /** How long a finished operation is kept unless its method says otherwise. AIP-151: 30 days. */
  timeToLiveMsDefault: 2_592_000_000,
  /** The bounds of a method's time to live: one second and about ten years. */
  timeToLiveMsMin: 1_000,
  timeToLiveMsMax: 315_360_000_000,
  /** A worker's right to an attempt, renewed at a third of it. */
  leaseMs: 30_000,
  /** A worker stops trusting a lease this long before its end, so that handlers see the abort. */
  leaseMarginMs: 3_000,
  /** An embedded store's step towards the wall clock per second: below any lease's margin. */
  clockMovePart: 1 / 20,
  /** A smaller lead of the wall clock is followed immediately: time servers correct less. */
  clockGrainMs: 10,
  /** A larger difference of clock and store is logged; time servers slew smaller ones. */
  clockApartMs: 1_000,
  /** If clock and file differ by more at a start, no records are removed: one may be wrong. */
  clockDoubtMs: 86_400_000,
  /** How long nothing is removed then: a time server or a person can correct the clock. */
  clockDoubtHoldMs: 3_600_000,
  /** How often a writing embedded store checks that its files exist; a check takes microseconds. */
  fileCheckMs: 100,
  /** By then a server with a deleted lock has noticed: the sweep writes at least every second. */
  fileCheckPauseMs: 2_500,
  /** Reports of progress of one operation are written at most this often; newest wins. */
  reportIntervalMs: 250,
  /** Recommended interval between polls, in metadata, for a method without history. */
  pollIntervalMs: 1_000,
  /** The bounds of recommended intervals: polls cost both sides, and people want progress. */
  pollIntervalMsMin: 250,
  pollIntervalMsMax: 30_000,
  /** Cached answers, so that polls without news cost one map lookup: some 16,000 of a kilobyte. */
  renderedBytesMax: 16_777_216,
  /** The lifetime of a cached answer: its poll interval depends on the operation's age. */
  renderedLifeMs: 10_000,
  /** Probes ask the store at most this often, regardless of the number of load balancers. */
  storeCheckMs: 1_000,
  /** The store is unavailable if it answers a probe later; a probe of Kubernetes waits a second. */
  storeCheckAnswerMs: 800,
  /** How often the sweep looks for expired leases, passed deadlines and old records. */
  sweepIntervalMs: 1_000,
  /** Looks pause for this multiple of their time, in whole intervals: they pass dead rows. */
  sweepRestTimes: 20,
  /** The longest such pause: an expired lease is found by then. */
  sweepRestMsMax: 10_000,
  /** Records that a sweep changes or deletes in one write: 3 to 5 ms on a usual disk. */
  sweepBatch: 200,
  /** The smallest purge, however slow the disk is, because each write costs a commit. */
  sweepBatchMin: 20,
  /** How long a purge may hold an embedded store, because other writes wait; a slow one deletes fewer. */
  sweepHoldMs: 5,
  /** The same on a database server, where others do not wait, and most of a short purge is its commit. */
  sweepServerMs: 50,
  /** The sweep's pause after it fails to end an operation; doubled after every further failure. */
  sweepRetryMsMin: 1_000,
  /** The longest such pause: an operator who fixes the cause waits no longer. */
  sweepRetryMsMax: 600_000,
  /** Operations whose pauses are remembered. Those that do not fit are tried at every look. */
  sweepRetriesMax: 10_000,
  /** Repeated errors of the sweep are logged once in this time, with their number. */
  sweepLogIntervalMs: 60_000,
  /** A worker asks for work at least this often, in case a wake-up is lost. */
  claimIntervalMs: 5_000,
  /** Priorities are whole numbers from 0 to this; a claim looks up each one in use. */
  priorityMax: 9,
  /** A year. Later work belongs in a calendar. */
  delayMsMax: 31_536_000_000,
  /** Operations started in one call: as many as one write of the store takes. */
  startsMax: 1_000,
  /** A key of parallel operations, in characters: room for the name of a resource. */
  parallelKeyLengthMax: 256,
  /** Parallel operations of one method and key. A start counts them, so this limits its reads. */
  parallelLimitMax: 1_000,
  /** Concurrent handlers in one process, over all methods. */
  concurrency: 64,
  /** Connections of a process to PostgreSQL, besides those for notifications and for leases. */
  connections: 8,
  /** Commands in one write of the store. */
  writeBatchMax: 1_000,
  /** Bytes in one write, unless a single command has more: joining them holds the event loop. */
  writeBatchBytesMax: 4_194_304,
  /** Estimated bytes of payloads that one statement reads by name. */
  readBatchBytes: 8_388_608,
  /** Waiting commands for the store, of one kind: with so many, the store is overloaded. */
  writesWaitingMax: 100_000,
  /** The same in bytes, so that large requests cannot fill the memory of the process. */
  writesWaitingBytesMax: 268_435_456,
  /** Times a change is decided again after a conflicting write before the caller gets ABORTED. */
  conflictRetriesMax: 16,
  /** Running handlers get this long on shutdown before their signal aborts. */
  drainMs: 10_000,
  /** After the signal, handlers get this long before their leases are released. */
  drainAbortMs: 2_000,
  /** URL and headers of a request, for long tokens and field masks; Node's default is half. */
  headerBytesMax: 32_768,
  /** Header lines of a request or batch part. Node drops those after 2,000; Apache takes 100. */
  headersMax: 256,
  /** The time for all headers to arrive, so that slow senders do not hold sockets. */
  headersTimeoutMs: 15_000,
  /** The time for the body to arrive: a megabyte at 20 kB/s fits. */
  requestTimeoutMs: 60_000,
  /** Load balancers drop idle connections after a minute; the server must not close them first. */
  keepAliveTimeoutMs: 75_000,
  /** Calls in one batch. Google's Python client sends no more (contract section 5.4). */
  batchCallsMax: 1_000,
  /** Lines of a batch that only begin like a boundary, such as those of a nested batch. */
  batchFalseBoundariesMax: 10_000,
  /** The body of a batch. Google's front ends take 10 MiB. */
  batchBytesMax: 10_485_760,
  /** After this many answer bytes a batch begins no more calls, because memory holds the answer. */
  batchAnswerBytesMax: 33_554_432,
  /** Concurrent calls of one batch. */
  batchConcurrency: 64,
  /** Answers of at least this size are compressed on request; polled operations are smaller. */
  compressBytesMin: 1_024,
  /** Answers of at least this size are compressed off the event loop, which costs 130 µs more. */
  compressAsideBytesMin: 65_536,
  /** A received gRPC message; a sent page. Default of Go, Python and Node (contract section 7). */
  grpcReceiveBytesMax: 4_194_304,
  /** Fields and packed elements in such a message, over all levels: up to five for a JSON value. */
  messageFieldsMax: 100_000,
  /** Message and details of a gRPC error, encoded; peers take 8 KiB of headers with all others. */
  grpcErrorBytesMax: 6_144,
  /** How often an idle gRPC connection is pinged: load balancers drop it after a minute or more. */
  grpcKeepAliveMs: 50_000,
  /** A connection without an answer to a ping is closed after this. */
  grpcKeepAliveTimeoutMs: 20_000,
  /** A gRPC connection without calls is closed after this; clients connect again by themselves. */
  grpcIdleMs: 1_800_000,
  /**
   * Open streams of one HTTP/2 connection, besides those that only wait; creating so many takes
   * some 15 ms. The default of gRPC's servers and of many proxies is 100 or more.
   */
  http2StreamsMin: 256,
  /** Concurrent calls of one gRPC connection: a process may wait for thousands of operations. */
  grpcStreamsMax: 10_000,
  /**
   * Concurrent calls of one HTTP/2 connection, including answers in transit; more calls wait.
   * Enough for batches of the store; answers of a megabyte stay below some hundred megabytes.
   */
  connectionCallsMax: 64,
  /** The same over HTTP/1.1, where pipelining clients rarely send more than ten requests. */
  pipelinedCallsMax: 16,
  /** Concurrent long calls of one connection: pages of lists, batches, `startMany`, documents. */
  connectionLongCallsMax: 4,
  /** Unsent bytes of a connection's answers; above this no call begins. Some pages of a list. */
  connectionUnsentBytesMax: 8_388_608,
  /** A client's timeout for quick calls, as in Google's clients (contract section 1.3). */
  callMsMax: 10_000,
  /** How long a caller waits for the store: its own timeout is often {@link callMsMax}. */
  answerMsMax: 9_000,
  /** How long a client waits for a start. Google's clients allow their methods a minute. */
  startMsMax: 60_000,
  /** A `quotaUser`, in characters (Google's documentation of system parameters). */
  quotaUserLengthMax: 40,
  /** Answers come this long before `X-Server-Timeout` or a gRPC deadline, or a tenth, if less. */
  serverTimeoutMarginMs: 250,
  /** How long browsers may cache a preflight's answer; Chrome does for at most two hours. */
  preflightAgeSeconds: 7_200,
  /** How long building a document may hold the event loop; one of 500 methods takes 0.3 s. */
  describingTurnMs: 5,
  /** Cached discovery documents, one for each address of the server; callers choose `Host`. */
  discoveryDocumentsMax: 16,
  /** A caller's `User-Agent` in records of calls, in characters. */
  userAgentLengthMax: 512,
  /** The newest attempts kept of an operation. Three is the default; sixteen show a pattern. */
  attemptsKept: 16,
  /** An attempt's stored error, in characters: a table line. The last exception stays whole. */
  attemptMessageLengthMax: 200,
  /** A trace context, in bytes: `traceparent` has 55; W3C asks for 512 of `tracestate`. */
  traceContextBytesMax: 600,
  /** The text of an unexpected exception kept for operators, in characters. */
  failureLengthMax: 16_384,
  /** Violations that an error names; a hostile request may have a hundred thousand. */
  violationsMax: 50,
  /** The text of one violation, in characters: Google's wording with the names that it quotes. */
  violationLengthMax: 500,
  /** A field mask (`fields`), in characters: as long as a URL allows. */
  fieldMaskLengthMax: 32_768,
  /** Names in a field mask, each looked up in every object; clients send less than a hundred. */
  fieldMaskNamesMax: 1_000,
  /** Parameters of query and form together: room for repeated fields of a thousand names. */
  parametersMax: 4_096,
  /** An error's message, in characters: headers have 8 KiB (contract section 7). */
  messageLengthMax: 2_048,
  /** The JSON text of an error's details. */
  detailsBytesMax: 65_536,
  ...STATISTICS_LIMITS,
  ...ADMIN_LIMITS,
  ...WATCH_LIMITS,
  ...ACCESS_LIMITS,
  ...ENCRYPTION_LIMITS,
  ...FILE_LIMITS,
  ...LOG_LIMITS,
  ...METHODS_FILE_LIMITS,
  ...QUOTA_LIMITS,
  ...CREDENTIAL_LIMITS,
  ...WEBHOOK_LIMITS,
  ...OUTBOUND_LIMITS,
  ...REMOTE_LIMITS,
} as const;
