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

/** The options of a port. */
export interface PortOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsPair | undefined;
  readonly allowedHosts: AllowedHosts | undefined;
  readonly health: Health;
  readonly stops: Stops;
  readonly clock: Clock;
  readonly tell: Tell;
  /** For requests passed on to another server: the port then speaks HTTP/1.1 only. @default none */
  readonly passes?: Passes | undefined;
}

/** An open port, with or without a service behind it. */
export interface Port {
  readonly url: string;
  readonly listening: Listening;
  /** Passes calls to operations from now on. @throws {TypeError} for invalid options */
  open(served: ServedInterfaces): void;
  /** Answers other addresses before all else. */
  show(stops: Stops): void;
}

/** Bun's HTTP server does not pass connections on, so their protocols cannot be distinguished. */
const IS_BUN = "bun" in process.versions;

/**
 * Opens the port of a service before there is a store: it answers probes, and rejects calls until
 * `open`.
 */
export function openServicePort(options: PortOptions): Promise<Port> {
  const message = "The server is starting, and its store is not open yet. Try again.";
  if (IS_BUN) options.tell["grpc.unavailable"]?.({});
  return openPort(options, serviceError("STARTING", message));
}

/** Opens a port that only answers probes. */
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
