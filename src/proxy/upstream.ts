import http, { type ClientRequest } from "node:http";
import https from "node:https";
import { LIMITS } from "../core/limits.ts";
import type { RawHeaders } from "./headers.ts";

/** A request to the upstream. */
export interface UpstreamRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: RawHeaders;
  /** Whether the request gets its own connection. @default false */
  readonly isAlone?: boolean;
}

/** The server behind the proxy. Connections to it are kept alive. */
export class Upstream {
  readonly #url: URL;
  readonly #agent: http.Agent;

  /** @throws {TypeError} for an invalid address */
  constructor(address: string) {
    this.#url = readUpstream(address);
    const kept = {
      keepAlive: true,
      maxFreeSockets: LIMITS.proxyKeptConnections,
      timeout: LIMITS.proxyKeptMs,
    };
    this.#agent = this.#isSecure ? new https.Agent(kept) : new http.Agent(kept);
  }

  get #isSecure(): boolean {
    return this.#url.protocol === "https:";
  }

  /**
   * Begins a request; the caller writes its body. Redirects are not followed, and bodies are
   * neither decompressed nor changed. A request without `Host`, as HTTP/1.0 allows, gets the
   * upstream's.
   *
   * @see RFC 9112, section 3.2
   * @throws {TypeError} for a target or a header that is invalid in HTTP
   */
  request({ method, target, headers, isAlone = false }: UpstreamRequest): ClientRequest {
    const { host, hostname, port } = this.#url;
    const hasHost = headers.some((each, index) => index % 2 === 0 && each.toLowerCase() === "host");
    return (this.#isSecure ? https : http).request({
      host: hostname.replace(/^\[(.*)\]$/, "$1"),
      port,
      ...(this.#isSecure ? { servername: hostname } : {}),
      method,
      path: target,
      headers: hasHost ? headers : ["Host", host, ...headers],
      agent: isAlone ? false : this.#agent,
      setDefaultHeaders: false,
    });
  }

  /** Closes all connections, including those in use. */
  close(): void {
    this.#agent.destroy();
  }
}

/** Parses the address of an upstream, such as `http://127.0.0.1:3000`. @throws {TypeError} */
function readUpstream(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isOrigin = url?.pathname === "/" && url.search === "" && url.hash === "" && url.username === "";
  if (url === undefined || !/^https?:$/.test(url.protocol) || !isOrigin || url.password !== "") {
    throw new TypeError(
      `upstream: expected the address of a server without path and user, such as "http://127.0.0.1:3000", got ${JSON.stringify(address.replace(/\/\/[^/@]*@/, "//…@"))}`,
    );
  }
  return url;
}
