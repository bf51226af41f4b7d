/** The address of a gRPC server. */
export interface GrpcAddress {
  /** For messages: `grpc://127.0.0.1:8080`. */
  readonly shown: string;
  /** For grpc-js: `dns:127.0.0.1:8080`. */
  readonly target: string;
  /** Whether with TLS. */
  readonly secure: boolean;
  /** Whether it is on this machine, for which no proxy is used. */
  readonly local: boolean;
}

/** Whether an address is for gRPC. */
export function isGrpcAddress(baseUrl: string): boolean {
  return /^grpcs?:/i.test(baseUrl);
}

/** The default ports, as of `http:` and `https:`. */
const PORT_DEFAULT = "80";
const PORT_DEFAULT_SECURE = "443";

/**
 * Parses an address: `grpc://host:port`, or `grpcs://host:port` for TLS. gRPC has no paths, and TLS
 * needs a host name, because Node rejects the IP address that grpc-js would send as the server
 * name.
 *
 * @throws {TypeError} for anything else, with the expected form
 */
export function grpcAddress(baseUrl: string): GrpcAddress {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  // The address must contain no credentials, and the message must not show them.
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
