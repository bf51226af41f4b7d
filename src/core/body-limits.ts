/** The limits of the sizes of requests and answers. They are a part of `LIMITS`. */
export const BODY_LIMITS = {
  /** A request body: a tenth of the 10 MiB of Google's front ends, because requests are stored. */
  bodyBytesMax: 1_048_576,
  /** Bodies up to this size take no part in the limit of all bodies: sockets buffer as much. */
  smallBodyBytesMax: 16_384,
  /**
   * The part of the heap for larger bodies, in a process. A call needs up to six times the length
   * of its body while the body is decoded, parsed, checked and stored.
   */
  bodyRoomHeapPart: 1 / 8,
  /**
   * How long a body, or a page of a list, waits for room: half of the time that callers wait for a
   * start.
   */
  bodyRoomWaitMs: 30_000,
  /**
   * How long the rest of a body is read and discarded after the answer, before the connection is
   * closed. Long enough for callers to notice the answer.
   */
  unreadBodyMs: 5_000,
  /**
   * The room of a page of a list: its payloads, those of the record that does not fit, and the
   * answer. The part of the heap for pages is as large as that for bodies.
   */
  pageRoomBytes: 8_388_608,
  /** A request as JSON, in bytes: as large as a gRPC message. REST bodies are smaller. */
  requestBytesMax: 4_194_304,
  /** A response or metadata payload as JSON: below the 4 MiB of gRPC peers (contract section 7). */
  payloadBytesMax: 1_048_576,
} as const;
