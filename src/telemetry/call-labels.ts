/** What HTTP defines; callers may send anything. */
const HTTP_METHODS: ReadonlySet<string> = new Set(
  "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "),
);

/** The codes of gRPC for which the server is to blame. @see OpenTelemetry, semantic conventions for gRPC */
const SERVER_CODES: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** The method where HTTP defines it; `_OTHER` otherwise. */
export function knownHttpMethod(method: string): string {
  return HTTP_METHODS.has(method) ? method : "_OTHER";
}

/** Whether the server is to blame for a status of gRPC. */
export function isGrpcServerError(code: string): boolean {
  return SERVER_CODES.has(code);
}
