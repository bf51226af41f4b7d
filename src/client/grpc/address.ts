/** Where a gRPC server is. */
export interface GrpcAddress {
  /** As messages show it: `grpc://127.0.0.1:8080`. */
  readonly shown: string;
  /** As grpc-js takes it: `dns:127.0.0.1:8080`. */
  readonly target: string;
  /** Whether with TLS. */
  readonly secure: boolean;
  /** Whether it is this machine's, to which no proxy leads. */
  readonly local: boolean;
}

/** Whether an address asks for gRPC. */
export function isGrpcAddress(baseUrl: string): boolean {
  return /^grpcs?:/i.test(baseUrl);
}

/** What is meant where there is no port, as with `http:` and `https:`. */
const PORT_DEFAULT = "80";
const PORT_DEFAULT_SECURE = "443";

/**
 * Reads an address: `grpc://host:port`, or `grpcs://host:port` for TLS. gRPC knows no path, and grpc-js asks for the
 * certificate of a name: with the number of a host Node refuses what it asks.
 *
 * @throws {TypeError} for anything else, saying what was expected
 */
export function grpcAddress(baseUrl: string): GrpcAddress {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  // Credentials have no place in it, and none in a message.
  const got = JSON.stringify(baseUrl.replace(/\/\/[^/]*@/, "//***@"));
  const path = url === undefined ? "" : `${url.pathname}${url.search}${url.hash}`;
  if (url === undefined || url.hostname === "" || url.username !== "" || !["", "/"].includes(path)) {
    throw new TypeError(
      `Server: expected an address such as "grpc://127.0.0.1:8080", without a path, got ${got}`,
    );
  }
  const secure = url.protocol === "grpcs:";
  if (secure && /^\[|^\d+(?:\.\d+){3}$/.test(url.hostname)) {
    throw new TypeError(
      `Server: expected the name of the host, such as "grpcs://localhost:8443", since TLS is asked for, got ${got}`,
    );
  }
  const port = url.port === "" ? (secure ? PORT_DEFAULT_SECURE : PORT_DEFAULT) : url.port;
  return {
    shown: `${url.protocol}//${url.host}`,
    target: `dns:${url.hostname}:${port}`,
    secure,
    local: /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(url.hostname),
  };
}
