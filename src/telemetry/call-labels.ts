/** The methods that HTTP defines; callers may send anything. */
const HTTP_METHODS: ReadonlySet<string> = new Set(
  "CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT QUERY TRACE".split(" "),
);

/**
 * The gRPC codes that are errors of the server. @see OpenTelemetry, semantic conventions for gRPC
 */
const SERVER_CODES: ReadonlySet<string> = new Set([
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
]);

/** The method if HTTP defines it; otherwise `_OTHER`. */
export function knownHttpMethod(method: string): string {
  return HTTP_METHODS.has(method) ? method : "_OTHER";
}

/** Whether a gRPC status is an error of the server. */
export function isGrpcServerError(code: string): boolean {
  return SERVER_CODES.has(code);
}
