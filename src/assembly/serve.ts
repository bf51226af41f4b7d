import { systemClock, type Timer } from "../core/ports/clock.ts";
import { readOption } from "../config/options.ts";
import type { Duration } from "../core/value/duration.ts";
import type { Tell } from "../core/events.ts";
import { Teller } from "../core/teller.ts";
import { adminSettingOf } from "./admin.ts";
import { type OpenedForServing, openForServing } from "./open.ts";
import type { OpenedOperations } from "./opened-operations.ts";
import { type OpenOptions, readServeOptions, type ServeOptions } from "./options.ts";
import { urlHost } from "../server/listening/address.ts";
import type { Http2Connections } from "../server/listening/connections.ts";
import { AllowedHosts, isLoopback } from "../server/listening/host.ts";
import { checkAddress, listen, type Listening } from "../server/listening/listen.ts";
import { guarded, type HttpListener } from "../server/front.ts";
import { Health } from "../server/probes/health.ts";
import { secureContextOf, type TlsPair } from "../server/listening/tls.ts";

/** A running server. */
export interface Served {
  /**
   * Such as `http://127.0.0.1:8080`; with TLS it begins with `https:`. REST and gRPC are both there. Empty for a worker, which
   * listens to nobody.
   */
  readonly url: string;
  /** Where operators look; or, where that is nowhere, why. */
  readonly admin: { readonly url: string } | { readonly off: string };
  readonly operations: OpenedOperations;
  /**
   * Presents another certificate to connections that come from now on.
   *
   * @throws {TypeError} when it is not usable, and then the old one stays; when the server was started without TLS
   */
  renewTls(pair: TlsPair): void;
  /**
   * Serves on for `drainDelay`, answers what is under way, gives running handlers time to end, gives back the rest, and closes
   * everything. A second call does not wait for the delay to end, and may shorten the drain.
   */
  stop(options?: { readonly drain?: Duration; readonly drainDelay?: Duration }): Promise<void>;
}

/** What a process of each role goes without. */
const PARTS = { all: {}, api: { worker: false }, worker: { callers: false } } as const;

/**
 * Opens operations and serves them on one port: over HTTP/1.1 and JSON, and over gRPC.
 *
 * @throws {TypeError} for options that make no sense, or an address that is taken, saying what to do
 * @throws {StatusError} when the store cannot be opened
 */
export function serve(options: ServeOptions): Promise<Served> {
  return serveToldBy(new Teller(), options);
}

/** The same, with the events told by a teller that others listen to as well. Errors are as in {@link serve}. */
export async function serveToldBy(teller: Teller, options: ServeOptions): Promise<Served> {
  const settings = readServeOptions(options);
  const { tls } = options;
  const { tell } = teller;
  const { host, port, role } = settings;
  if (role !== "all" && options.store.startsWith("sqlite:")) {
    throw new TypeError(
      `The role "${role}" is for one of several processes, and a SQLite file has one: leave it out, or give a store in PostgreSQL`,
    );
  }
  // All that can be wrong with the address is found before there is a store: one that is made is not taken back.
  if (role !== "worker") {
    if (tls !== undefined) secureContextOf(tls);
    await checkAddress({ host, port });
  }
  const allowedHosts = hostsOf(settings);
  const health = new Health(options.clock ?? systemClock);
  const admin = adminSettingOf(settings);
  const own = { ...PARTS[role], metrics: settings.metrics ?? showsMetrics(settings) };
  const opened = await openForServing(teller, { ...openOptionsOf(options), ...own }, { health, admin });
  const { operations } = opened;
  if (role === "worker") return servedWorker(operations);
  try {
    const http = guarded(opened.listener(), allowedHosts);
    const listening = await listen(http, {
      host,
      port,
      tell,
      tls,
      http2: http2Of(opened, { http, tell }),
    });
    const url = `${tls === undefined ? "http" : "https"}://${urlHost(listening.address)}:${listening.port}`;
    return {
      url,
      admin: admin.level === "off" ? { off: admin.why } : { url: `${url}/admin/` },
      operations,
      renewTls: (pair) => listening.renewTls(pair),
      stop: stopper(options, { listening, operations, health }),
    };
  } catch (error) {
    await operations.stop();
    throw error;
  }
}

/** Whether metrics are shown unless somebody says so: only where nobody from elsewhere can connect, directly or by a proxy. */
function showsMetrics({ role, host, publicUrl }: ReturnType<typeof readServeOptions>): boolean {
  return role !== "worker" && isLoopback(host) && publicUrl === undefined;
}

function openOptionsOf(options: ServeOptions): OpenOptions {
  const { host: _host, port: _port, tls: _tls, role: _role, ...others } = options;
  const { drainDelay: _drainDelay, allowedHosts: _allowedHosts, ...rest } = others;
  const { admin: _admin, adminToken: _adminToken, ...open } = rest;
  return open;
}

/** Whoever listens to nobody. */
function servedWorker(operations: OpenedOperations): Served {
  const admin = { off: "a worker listens to nobody" };
  return { url: "", admin, operations, renewTls: noTls, stop: (how) => operations.stop(how) };
}

/** Bun's HTTP server hands over no connections, so that what comes over one cannot be told apart. */
function http2Of(
  opened: Pick<OpenedForServing, "http2Connections">,
  how: {
    readonly http: HttpListener;
    readonly tell: Tell;
  },
): Http2Connections | undefined {
  const { http, tell } = how;
  if (!("bun" in process.versions)) return opened.http2Connections(http);
  tell["grpc.unavailable"]?.({});
  return undefined;
}

interface StopParts {
  readonly listening: Listening;
  readonly operations: OpenedOperations;
  readonly health: Health;
}

function stopper(options: ServeOptions, { listening, operations, health }: StopParts): Served["stop"] {
  const { clock = systemClock } = options;
  const delayed = Promise.withResolvers<void>();
  let delay: Timer | undefined;
  return async ({ drain = options.drain, drainDelay = options.drainDelay } = {}) => {
    const { drainMs: graceMs } = readOption("drain", drain);
    const { drainDelayMs: delayMs } = readOption("drainDelay", drainDelay);
    health.drain();
    if (delay !== undefined || delayMs === 0) delayed.resolve();
    else listening.drain();
    delay ??= clock.after(delayMs, () => delayed.resolve());
    await delayed.promise;
    delay.cancel();
    // The waits are answered by stopping the operations; only then can the sockets close.
    const closed = listening.close({ graceMs });
    await operations.stop(drain === undefined ? {} : { drain });
    await closed;
  };
}

function hostsOf({
  allowedHosts,
  publicUrl,
  host,
}: ReturnType<typeof readServeOptions>): AllowedHosts | undefined {
  if (allowedHosts === undefined && !isLoopback(host)) return undefined;
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  // An address is allowed anyway, and no name.
  const names = own.filter((each) => !each.startsWith("["));
  return new AllowedHosts([...(allowedHosts ?? []), ...names]);
}

function noTls(): never {
  throw new TypeError("A worker listens to nobody and has no certificate");
}
