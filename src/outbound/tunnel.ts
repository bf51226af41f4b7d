import http from "node:http";
import https from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import tls from "node:tls";
import { callbackify } from "node:util";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";

/**
 * The error for a proxy that did not connect to the server. The message is the end of a sentence,
 * without an address.
 */
export class TunnelRefused extends Error {
  override readonly name = "TunnelRefused";
}

/** The parts of {@link tunnelAgents}. */
export interface TunnelParts {
  /** A URL such as `http://proxy.example.com:3128`; its name and password are sent to the proxy. */
  readonly proxy: URL;
  readonly clock: Clock;
}

/** The destination of an agent's connection. */
interface Destination {
  readonly host?: string | undefined;
  readonly port?: number | string | null | undefined;
  readonly lookup?: LookupFunction | undefined;
}

type Connected = (error: NodeJS.ErrnoException | null, socket: Duplex) => void;

/**
 * Creates agents whose connections go through an HTTP proxy, by CONNECT, for `http:` and `https:`
 * requests. The request's `lookup` resolves the name here, and the proxy gets the address, so that
 * it connects to the address that was checked.
 *
 * @see RFC 9110, section 9.3.6
 */
export function tunnelAgents(
  parts: TunnelParts,
  options: http.AgentOptions,
): Readonly<Record<"http:" | "https:", http.Agent>> {
  const opening = (isSecure: boolean): ((destination: Destination, callback: Connected) => void) =>
    callbackify((destination: Destination) => connectThrough(parts, destination, isSecure));
  return {
    "http:": Object.assign(new http.Agent(options), { createConnection: opening(false) }),
    "https:": Object.assign(new https.Agent(options), { createConnection: opening(true) }),
  };
}

async function connectThrough(
  { proxy, clock }: TunnelParts,
  { host = "", port, lookup }: Destination,
  isSecure: boolean,
): Promise<Duplex> {
  const address = lookup === undefined || isIP(host) > 0 ? host : await addressOf(host, lookup);
  const target = `${isIP(address) === 6 ? `[${address}]` : address}:${port ?? ""}`;
  const request = connectRequest(proxy, target);
  const socket = await inTime(clock, request, connected(request));
  if (!isSecure) return socket;
  const name = isIP(host) > 0 ? { host } : { servername: host };
  const secured = tls.connect({ socket, ...name, ALPNProtocols: ["http/1.1"] });
  return inTime(clock, secured, (resolve) => secured.once("secureConnect", () => resolve(secured)));
}

function addressOf(host: string, lookup: LookupFunction): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => {
      const [first] = typeof addresses === "string" ? [{ address: addresses }] : addresses;
      if (error !== null) reject(error);
      else if (first === undefined) reject(new TunnelRefused("its name has no address"));
      else resolve(first.address);
    });
  });
}

function connectRequest(proxy: URL, target: string): http.ClientRequest {
  const { username, password, protocol, hostname, port } = proxy;
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const credentials =
    username === "" ? {} : { "proxy-authorization": `Basic ${Buffer.from(user).toString("base64")}` };
  return (protocol === "https:" ? https : http).request({
    host: hostname.replaceAll(/^\[|\]$/g, ""),
    port,
    method: "CONNECT",
    path: target,
    agent: false,
    headers: { host: target, ...credentials },
  });
}

type Wait<Result> = (resolve: (result: Result) => void, reject: (error: Error) => void) => void;

/** Waits until the proxy has connected or refused. */
function connected(request: http.ClientRequest): Wait<Socket> {
  return (resolve, reject) => {
    const refused = ({ statusCode }: http.IncomingMessage): void => {
      request.destroy();
      reject(new TunnelRefused(`the proxy answered ${statusCode}`));
    };
    request.once("connect", (answer: http.IncomingMessage, socket: Socket) => {
      // From here on, an error of the socket ends its requests; it may have no listener yet.
      socket.on("error", () => undefined);
      if (Math.floor((answer.statusCode ?? 0) / 100) === 2) return resolve(socket);
      socket.destroy();
      refused(answer);
    });
    request.once("response", refused);
    request.once("error", () => reject(new TunnelRefused("the proxy cannot be reached")));
    request.end();
  };
}

/** The result of a step, with the timeout of a connection; after it, nobody may be waiting. */
async function inTime<Result>(
  clock: Clock,
  step: http.ClientRequest | tls.TLSSocket,
  wait: Wait<Result>,
): Promise<Result> {
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  const timer = clock.after(LIMITS.outboundConnectMsMax, () => {
    reject(new TunnelRefused("the proxy did not connect in time"));
    step.destroy();
  });
  wait(resolve, reject);
  // The listener stays: later errors go to the users of the connection.
  step.on("error", reject);
  step.once("close", () => reject(new TunnelRefused("the proxy closed the connection")));
  try {
    return await promise;
  } finally {
    timer.cancel();
  }
}
