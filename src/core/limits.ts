import { ACCESS_LIMITS } from "./access-limits.ts";
import { ADMIN_LIMITS } from "./admin-limits.ts";
import { ENCRYPTION_LIMITS } from "./encryption-limits.ts";
import { LOG_LIMITS } from "./log-limits.ts";
import { METHODS_FILE_LIMITS } from "./methods-file-limits.ts";
import { OUTBOUND_LIMITS } from "./outbound-limits.ts";
import { QUOTA_LIMITS } from "./quota-limits.ts";
import { CREDENTIAL_LIMITS } from "./credential-limits.ts";
import { STATISTICS_LIMITS } from "./statistics/limits.ts";
import { REMOTE_LIMITS } from "./remote-limits.ts";
import { WATCH_LIMITS } from "./watch-limits.ts";
import { WEBHOOK_LIMITS } from "./webhook-limits.ts";

/** Every limit of the service: unit in the name, reason and source beside it. A caller who passes one gets an error that names it. */
export const LIMITS = {
  /** A request body. Google's front ends take 10 MiB; an operation's request is stored, so a tenth of that. */
  bodyBytesMax: 1_048_576,
  /** A request as JSON, in bytes: as much as a gRPC message brings. REST bodies are smaller. */
  requestBytesMax: 4_194_304,
  /** A response or metadata payload as JSON. Below the 4 MiB that gRPC peers receive by default (contract section 7). */
  payloadBytesMax: 1_048_576,
  /**
   * Levels of objects and arrays in a payload. As a Struct each costs three nested messages (Struct, FieldsEntry, Value), and
   * protobuf parsers refuse more than 100.
   */
  jsonDepthMax: 32,
  /**
   * Members and elements in the JSON of a request, all levels together. Reading, checking and writing one takes some
   * microseconds, during which nobody else is served; a megabyte of `[],[],…` has 500,000.
   */
  jsonValuesMax: 20_000,
  /** An operation's name or a parent, in code points. Real names stay far below. */
  nameLengthMax: 1_024,
  /** The same in bytes of UTF-8: an entry of an index in PostgreSQL has 2,704 at most, and holds a request id beside the parent. */
  nameBytesMax: 2_048,
  /** A request id. AIP-155 asks for UUID4 (36 characters); other idempotency keys are longer. */
  requestIdLengthMax: 128,
  /** The name of the resource that an operation works on, in code points: it is in every answer, and names are no longer. */
  targetLengthMax: 1_024,
  /**
   * A caller's principal, and its tenant, in characters: every record holds both. An OpenID Connect subject has 255, an email
   * address 254; names of resources stand for both elsewhere.
   */
  callerLengthMax: 1_024,
  /** A method's name. AIP-210: identifiers have 64 characters at most. */
  methodNameLengthMax: 64,
  /** Operations on a page when the caller does not say. AIP-158 leaves it to the service. */
  pageSizeDefault: 50,
  /** Operations on a page at most; larger wishes are lowered silently (AIP-158). */
  pageSizeMax: 1_000,
  /** Bytes of payloads on a page, so that a page stays below the 4 MiB of gRPC peers. */
  pageBytesMax: 3_145_728,
  /** A filter's text, in characters: room for a page of ids, and short enough for an address. */
  filterLengthMax: 4_096,
  /** Restrictions and words in a filter: each may have to be tried on every operation. */
  filterTermsMax: 100,
  /** Methods that SQL is asked for by name where a filter names a verb: a statement takes a parameter for each. The rest is judged in memory. */
  filterMethodsMax: 32,
  /** Parentheses inside one another in a filter. */
  filterDepthMax: 20,
  /** Operations that one page of a filtered list looks at; it then comes back short, with a token (AIP-158). */
  listRowsExaminedMax: 10_000,
  /** Operations looked at in one turn of the event loop: a few milliseconds. */
  listRowsPerTurn: 1_000,
  /** Operations that a list takes in one turn of the event loop: each becomes a record in memory. */
  listTakenPerTurn: 250,
  /** Characters of payloads that one page looks at, once for every restriction that reads payloads. */
  listTextExaminedMax: 33_554_432,
  /** The same in one turn of the event loop: some milliseconds. */
  listTextPerTurn: 2_097_152,
  /** What such a restriction costs in a record whose payloads are empty, as if they had so many characters. */
  listTextPerRecord: 256,
  /** Operations on a page without payloads: what a browser draws at once. */
  rowsMax: 100,
  /** Characters of metadata, and of an error, that are looked at for such a row: its members stand at the beginning. */
  rowTextMax: 16_384,
  /** The same of an exception, of which the first line is told. */
  rowExceptionMax: 400,
  /** A message in such a row, in characters. */
  rowMessageLengthMax: 200,
  /** Methods that a list reads along an index of their own. */
  listMethodsMax: 8,
  /** Prepared statements kept for lists: callers choose the shapes of their filters. */
  listStatementsMax: 64,
  /** How long a page token is good. AIP-158: about three days. */
  pageTokenLifeMs: 259_200_000,
  /** The longest Wait. Load balancers cut quiet connections after a minute or so; the callers ask again. */
  waitMsMax: 60_000,
  /** Wait when the caller names no timeout. */
  waitMsDefault: 30_000,
  /** A schema that has no answer by then has none: requests are checked while their callers wait. */
  validationMsMax: 10_000,
  /** Requests of one process that wait for schemas which answer later; one more gets RESOURCE_EXHAUSTED. Ten full `startMany`. */
  validationsMax: 10_000,
  /** Waiters and watchers in one process; one more gets RESOURCE_EXHAUSTED. */
  waitersMax: 100_000,
  /** A connection has this fraction of the places that are left for waiters and no more, so that a few cannot take them all. */
  waitersShare: 8,
  /** How often those who wait and watch are asked whether their credentials have expired: half of the time that they may wait on. */
  heldCallCheckMs: 1_000,
  /** The youngest operations begun in one process that a wait need not read first; up to twice as many are remembered. */
  beginningsMax: 10_000,
  /** How long a finished operation is kept unless its method says otherwise. AIP-151: 30 days. */
  timeToLiveMsDefault: 2_592_000_000,
  /** The shortest and the longest time to live that a method may set, one second and about ten years. */
  timeToLiveMsMin: 1_000,
  timeToLiveMsMax: 315_360_000_000,
  /** A worker's right to an attempt, renewed at a third of it. */
  leaseMs: 30_000,
  /** A worker stops trusting a lease this long before its end, for the time an abort takes to be seen. */
  leaseMarginMs: 3_000,
  /** Of a second, how far the time of an embedded store moves towards the wall clock: less than the margin of any lease. */
  clockMovePart: 1 / 20,
  /** A wall clock that is so little ahead is followed at once: it is read in whole milliseconds, and a time server corrects it by less. */
  clockGrainMs: 10,
  /** From here on the log tells that clock and store are apart. Time servers correct less than that without a step. */
  clockApartMs: 1_000,
  /** A start that finds clock and file further apart removes no records at first: one may be wrong, and what is removed is gone. */
  clockDoubtMs: 86_400_000,
  /** It removes nothing for so long: time for a time server, or a person, to set the clock right. */
  clockDoubtHoldMs: 3_600_000,
  /** An embedded store looks this often, when it writes, whether its files are still there. It takes some microseconds. */
  fileCheckMs: 100,
  /** By then a server whose lock was deleted has looked: it writes each second at least, when the sweep does. */
  fileCheckPauseMs: 2_500,
  /** Reports of progress of one operation are written at most this often; newest wins. */
  reportIntervalMs: 250,
  /** Recommended interval between polls, told in metadata, while nothing is known about the method. */
  pollIntervalMs: 1_000,
  /** No shorter or longer one is recommended: a poll costs both sides a little, and people want to see progress. */
  pollIntervalMsMin: 250,
  pollIntervalMsMax: 30_000,
  /** Rendered answers kept in memory, so that a poll of what has not changed costs a look into a map. Some 16,000 of a kilobyte. */
  renderedBytesMax: 16_777_216,
  /** For no longer than this: the poll interval that an answer recommends depends on the operation's age. */
  renderedLifeMs: 10_000,
  /** Probes ask the store at most so often: more of them, from however many load balancers, cost it nothing. */
  storeCheckMs: 1_000,
  /** A store that has not answered a probe by then is away: a probe of Kubernetes waits for a second. */
  storeCheckAnswerMs: 800,
  /** How often the sweep looks for expired leases, passed deadlines and old records. */
  sweepIntervalMs: 1_000,
  /** What looks for nothing rests so many times what it took, in whole intervals: a look goes past every row that PostgreSQL may not clear away. */
  sweepRestTimes: 20,
  /** No such rest is longer: a lease that has passed is found by then. */
  sweepRestMsMax: 10_000,
  /** Records that one sweep changes or deletes in one write: 3 to 5 ms of the store's work on a usual disk. */
  sweepBatch: 200,
  /** Records that one purge deletes at least, however slow the disk is: each write costs a commit. */
  sweepBatchMin: 20,
  /** How long one purge may hold the store: whoever writes meanwhile waits behind it. A slower store deletes fewer at once. */
  sweepHoldMs: 5,
  /** Pause before the sweep tries again to end an operation that it failed to end; doubled after every further failure. */
  sweepRetryMsMin: 1_000,
  /** No such pause is longer. An operator who mends the cause waits no longer than this. */
  sweepRetryMsMax: 600_000,
  /** Operations whose pauses are remembered. Those that do not fit are tried at every look. */
  sweepRetriesMax: 10_000,
  /** An error of the sweep that repeats for many operations is logged once in this time, with their number. */
  sweepLogIntervalMs: 60_000,
  /** A worker asks for claimable operations at least this often, should a wake-up be lost. */
  claimIntervalMs: 5_000,
  /** Priorities are whole numbers from 0 to this: one index lookup of a claim for each that is in use. */
  priorityMax: 9,
  /** A year. What is to happen later than that belongs into a calendar, not into a list of work. */
  delayMsMax: 31_536_000_000,
  /** Operations started in one call: as many as one write of the store takes. */
  startsMax: 1_000,
  /** A key of parallel operations, in characters: room for a resource's name as people give them. */
  parallelKeyLengthMax: 256,
  /** Operations of one method and key that may go on in parallel. A start counts them, so that this bounds what it reads. */
  parallelLimitMax: 1_000,
  /** Handlers at once in one process, over all methods. */
  concurrency: 64,
  /** Connections of one process to PostgreSQL, beside one that listens and one that keeps leases. */
  connections: 8,
  /** Commands in one write of the store. */
  writeBatchMax: 1_000,
  /** Bytes in one write of the store, unless a single command has more: putting them together holds the event loop. */
  writeBatchBytesMax: 4_194_304,
  /** Bytes of payloads that one statement reads by name, as far as can be foreseen. */
  readBatchBytes: 8_388_608,
  /** Commands that wait for the store, of one kind. More than callers can have under way: a store that far behind is overloaded. */
  writesWaitingMax: 100_000,
  /** The same in bytes, so that large requests cannot fill the memory of the process. */
  writesWaitingBytesMax: 268_435_456,
  /** Times a change is decided again after a conflicting write before the caller gets ABORTED. */
  conflictRetriesMax: 16,
  /** Running handlers get this long on shutdown before their signal aborts. */
  drainMs: 10_000,
  /** After the signal, handlers get this long to end before their lease is released without them. */
  drainAbortMs: 2_000,
  /** Address and headers of a request. Page tokens, field masks and credentials are long; Node's own default is half of it. */
  headerBytesMax: 32_768,
  /** Header lines of a request, and of a part of a batch. Node forgets what comes after 2,000; Apache takes 100. */
  headersMax: 256,
  /** Headers must have arrived by then: a slow sender holds a socket no longer than this. */
  headersTimeoutMs: 15_000,
  /** So must the body. A megabyte at 20 kB/s fits. */
  requestTimeoutMs: 60_000,
  /** Longer than the minute after which load balancers drop idle connections, so that it is never we who hang up first. */
  keepAliveTimeoutMs: 75_000,
  /** Calls in one batch. Google's Python client sends no more (contract section 5.4). */
  batchCallsMax: 1_000,
  /** Lines of a batch that begin as a boundary does and are none, such as those of a batch inside of it. */
  batchFalseBoundariesMax: 10_000,
  /** The body of a batch. Google's front ends take 10 MiB. */
  batchBytesMax: 10_485_760,
  /** Bytes of answers after which a batch begins no more calls, since the whole answer is held in memory. */
  batchAnswerBytesMax: 33_554_432,
  /** Calls of one batch under way at once. */
  batchConcurrency: 64,
  /** Answers from this size on are compressed where the caller can read it. A polled operation is smaller, and stays quick. */
  compressBytesMin: 1_024,
  /** Answers from this size on are compressed outside the event loop, which costs 130 µs more and blocks nobody. */
  compressAsideBytesMin: 65_536,
  /** A gRPC message that comes in; and a page of a list that goes out. The default of Go, Python and Node (contract section 7). */
  grpcReceiveBytesMax: 4_194_304,
  /**
   * Fields and elements of packed lists in such a message, all levels together: what JSON with as many values as it may have
   * comes to, since each value of a Struct has up to five.
   */
  messageFieldsMax: 100_000,
  /** A gRPC error in the trailers, as encoded there: message and details. Peers take 8 KiB of headers, ours are not the only ones. */
  grpcErrorBytesMax: 6_144,
  /** A quiet gRPC connection is asked so often whether it lives: load balancers forget one after a minute or more. */
  grpcKeepAliveMs: 50_000,
  /** One that does not answer is cut after this. */
  grpcKeepAliveTimeoutMs: 20_000,
  /** A gRPC connection without calls is closed after this; clients connect again by themselves. */
  grpcIdleMs: 1_800_000,
  /**
   * Streams that one HTTP/2 connection may have open at once, beside those that only wait: making so many takes some 15 ms. The
   * default of gRPC's servers and of many proxies is 100 or more.
   */
  http2StreamsMin: 256,
  /** Calls at once over one gRPC connection: one process may wait for thousands of operations, and each call of it queues behind. */
  grpcStreamsMax: 10_000,
  /**
   * Calls of one HTTP/2 connection under way at once, their answers on the way included; more of them wait their turn. Enough
   * for the store to work in batches, and few enough that answers of a megabyte stay below some hundred.
   */
  connectionCallsMax: 64,
  /** The same over HTTP/1.1, where clients that send requests without waiting for answers rarely send more than ten. */
  pipelinedCallsMax: 16,
  /** Calls of one connection at once that take long: pages of lists, batches, starts of many, documents. */
  connectionLongCallsMax: 4,
  /** Bytes of answers that the caller of a connection has not taken: no further call of it begins then. Some pages of a list. */
  connectionUnsentBytesMax: 8_388_608,
  /** How long a client waits for a call that answers at once: what Google's clients allow (contract section 1.3). */
  callMsMax: 10_000,
  /** How long a client waits for a start. Google's clients allow their methods a minute. */
  startMsMax: 60_000,
  /** An attribution for quotas (`quotaUser`), in characters. Google's documentation of system parameters. */
  quotaUserLengthMax: 40,
  /** A caller who says when it gives up (`X-Server-Timeout`, a gRPC deadline) is answered this much before, or a tenth, if that is less. */
  serverTimeoutMarginMs: 250,
  /** How long a browser may remember what a preflight was told. Chrome remembers no longer than two hours. */
  preflightAgeSeconds: 7_200,
  /** How long the making of a document may hold the event loop before others get a turn: a document of 500 methods takes 0.3 s. */
  describingTurnMs: 5,
  /** Discovery documents kept rendered, one for each address that callers know us by. Host is the caller's to choose. */
  discoveryDocumentsMax: 16,
  /** What a caller says of its program (`User-Agent`), in characters, as records of calls have it. */
  userAgentLengthMax: 512,
  /** Attempts that are kept of one operation, the newest. Methods retry three times by default; sixteen tell a pattern. */
  attemptsKept: 16,
  /** What is kept of the error of one attempt, in characters: a line of a table. The last exception is kept whole. */
  attemptMessageLengthMax: 200,
  /** A trace context, in bytes: a `traceparent` has 55, and W3C asks for 512 of `tracestate` at least. */
  traceContextBytesMax: 600,
  /** The text of an unexpected exception kept for operators, in characters. */
  failureLengthMax: 16_384,
  /** Things wrong with a request that its error names; a hostile request may have a hundred thousand. */
  violationsMax: 50,
  /** What is told of one of them, in characters: a description in Google's words with the names that it quotes. */
  violationLengthMax: 500,
  /** A field mask (`fields`), in characters: what an address has room for. */
  fieldMaskLengthMax: 32_768,
  /** Names in a field mask: each is looked up in every object of an answer. Clients send fewer than a hundred. */
  fieldMaskNamesMax: 1_000,
  /** Parameters of a query and a form together: room for a repeated field of a thousand names, and as many again. */
  parametersMax: 4_096,
  /** An error's message for callers, in characters; headers that carry it are limited to 8 KiB (contract section 7). */
  messageLengthMax: 2_048,
  /** The JSON text of an error's details. */
  detailsBytesMax: 65_536,
  ...STATISTICS_LIMITS,
  ...ADMIN_LIMITS,
  ...WATCH_LIMITS,
  ...ACCESS_LIMITS,
  ...ENCRYPTION_LIMITS,
  ...LOG_LIMITS,
  ...METHODS_FILE_LIMITS,
  ...QUOTA_LIMITS,
  ...CREDENTIAL_LIMITS,
  ...WEBHOOK_LIMITS,
  ...OUTBOUND_LIMITS,
  ...REMOTE_LIMITS,
} as const;
