import type { Tell } from "../core/events.ts";
import { serviceError, type StatusError } from "../core/error/error.ts";
import type { Clock } from "../core/ports/clock.ts";
import { Entrance } from "../server/entrance.ts";
import { guarded } from "../server/front.ts";
import { Http2Server } from "../server/http2/http2-server.ts";
import { urlHost } from "../server/listening/address.ts";
import type { AllowedHosts } from "../server/listening/host.ts";
import { listen, type Listening, type Passes } from "../server/listening/listen.ts";
import type { TlsPair } from "../server/listening/tls.ts";
import type { Health } from "../server/probes/health.ts";
import type { Stops } from "../server/stops/stop.ts";
import type { ServedInterfaces } from "./interfaces.ts";

/** What a port is opened with. */
export interface PortOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsPair | undefined;
  readonly allowedHosts: AllowedHosts | undefined;
  readonly health: Health;
  readonly stops: Stops;
  readonly clock: Clock;
  readonly tell: Tell;
  /** Where requests may go on to another server: over HTTP/1.1 alone then. @default all are answered here */
  readonly passes?: Passes | undefined;
}

/** A port that is open, whether there is something behind it or not. */
export interface Port {
  readonly url: string;
  readonly listening: Listening;
  /** Hands calls on to operations from now on. @throws {TypeError} for options of theirs that make no sense */
  open(served: ServedInterfaces): void;
  /** Has other addresses answered before everything else. */
  show(stops: Stops): void;
}

/** Bun's HTTP server hands over no connections, so that what comes over one cannot be told apart. */
const IS_BUN = "bun" in process.versions;

/** Opens the port of a service, before there is a store: probes are answered, and calls refused until `open`. */
export function openServicePort(options: PortOptions): Promise<Port> {
  const message = "The server is starting, and its store is not open yet. Try again.";
  if (IS_BUN) options.tell["grpc.unavailable"]?.({});
  return openPort(options, serviceError("STARTING", message));
}

/** Opens a port that has probes and nothing else. */
export function openProbePort(options: PortOptions): Promise<Port> {
  const message = "This port answers probes alone; calls go to the port of the service.";
  return openPort(options, serviceError("PATH_NOT_FOUND", message));
}

async function openPort(options: PortOptions, refusal: StatusError): Promise<Port> {
  const { host, port, tls, allowedHosts, clock, tell, passes } = options;
  const entrance = new Entrance({ ...options, refusal });
  const http = guarded(entrance.http, allowedHosts);
  const http2 = IS_BUN || passes !== undefined ? undefined : new Http2Server({ http, grpc: entrance, clock });
  const listening = await listen(http, { host, port, tell, tls, http2, passes });
  const url = `${tls === undefined ? "http" : "https"}://${urlHost(listening.address)}:${listening.port}`;
  tell["port.opened"]?.({ url });
  return {
    url,
    listening,
    show: (stops) => entrance.show(stops),
    open: (served) => entrance.open(served.listener(), served.grpcStreams()),
  };
}
