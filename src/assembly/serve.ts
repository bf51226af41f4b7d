import { systemClock, type Timer } from "../core/ports/clock.ts";
import { readOption } from "../config/options.ts";
import type { Duration } from "../core/value/duration.ts";
import { Teller } from "../core/teller.ts";
import { checkControl, isDecided, NO_CONTROL } from "./access-control.ts";
import { type AdminSetting, adminSettingOf } from "./admin.ts";
import { type OpenedForServing, openForServing } from "./open.ts";
import type { OpenedOperations } from "./opened-operations.ts";
import { type OpenOptions, readServeOptions, type ServeOptions } from "./options.ts";
import { openProbePort, openServicePort, type Port, type PortOptions } from "./ports.ts";
import { probeStopsOf, stopsOf } from "./stops.ts";
import { AllowedHosts, isLoopback } from "../server/listening/host.ts";
import type { Passes } from "../server/listening/listen.ts";
import type { Stops } from "../server/stops/stop.ts";
import type { Before } from "./interfaces.ts";
import { Health } from "../server/probes/health.ts";
import type { TlsPair } from "../server/listening/tls.ts";
import { API_VERSION } from "../server/view.ts";

/** A running server. */
export interface Served {
  /**
   * The address of REST and gRPC, such as `http://127.0.0.1:8080`; with TLS it begins with
   * `https:`. Empty for a worker, which has no port for calls.
   */
  readonly url: string;
  /** The address of the probe port; empty without one. */
  readonly probeUrl: string;
  /** The address of the operators' page, or the reason why it is off. */
  readonly admin: { readonly url: string } | { readonly off: string };
  readonly operations: OpenedOperations;
  /**
   * Uses another certificate for new connections.
   *
   * @throws {TypeError} if it is not usable, and then the old one stays; or if the server was
   * started without TLS
   */
  renewTls(pair: TlsPair): void;
  /**
   * Keeps serving for `drainDelay`, answers calls in progress, gives running handlers time to
   * finish, releases the remaining operations, and closes everything. A second call ends the delay,
   * and may shorten the drain.
   */
  stop(options?: { readonly drain?: Duration; readonly drainDelay?: Duration }): Promise<void>;
}

/** The parts that each role switches off. */
const PARTS = { all: {}, api: { worker: false }, worker: { callers: false } } as const;

/**
 * Opens operations and serves them on one port: over HTTP/1.1 and JSON, and over gRPC.
 *
 * @throws {TypeError} for invalid options, or if the address is in use; the message says what to do
 * @throws {StatusError} if the store cannot be opened
 */
export function serve(options: ServeOptions): Promise<Served> {
  return serveToldBy(new Teller(), options);
}

/** A component before the server on its port. */
export interface BeforeServer extends Before, Passes {
  /** Lets upgraded connections end, and cuts them after the given time. */
  close(graceMs: number): void;
}

/**
 * The same, with the events on a teller that has other listeners too. It throws the same errors as
 * {@link serve}.
 *
 * @param before a component before everything on the port of the service. @default none
 */
export async function serveToldBy(
  teller: Teller,
  options: ServeOptions,
  before?: BeforeServer,
): Promise<Served> {
  const settings = readServeOptions(options);
  const { tls } = options;
  const { tell } = teller;
  const { host, role, probePort } = settings;
  checkRole(role, options.store);
  checkControl(settings, options.access);
  if (!settings.accessControl) tell["access.off"]?.({ host });
  const { clock = systemClock } = options;
  const health = new Health(clock);
  const admin = adminSettingOf({ ...settings, isByRules: isDecided(options.access) });
  const page = admin.level === "off" ? undefined : "admin/";
  const notes = settings.accessControl ? [] : [NO_CONTROL];
  const shown = { health, name: settings.name, version: API_VERSION, notes };
  const port = { host, allowedHosts: hostsOf(settings), health, clock, tell };
  const open: Port[] = [];
  let served: OpenedForServing | undefined;
  try {
    const stops = mounted(stopsOf({ ...shown, page }), before?.mount);
    const service = { ...port, stops, port: settings.port, tls, passes: before };
    const probing = { ...port, stops: probeStopsOf(shown), port: probePort };
    const { main, probes } = await openPorts(open, { service, probing, role });
    const own = { ...PARTS[role], metrics: settings.metrics ?? showsMetrics(settings) };
    served = await openWatched(
      teller,
      { ...openOptionsOf(options), ...own },
      { health, admin, notes, before },
    );
    const { operations } = served;
    main?.open(served);
    probes?.show(probeStopsOf({ ...shown, metrics: operations.metrics }));
    return servedBy({ main, probes, operations, health, admin, before }, options);
  } catch (error) {
    await served?.operations.stop();
    for (const { listening } of open) await listening.close({ graceMs: 0 });
    throw error;
  }
}

/** @throws {TypeError} for a role that the store does not support */
function checkRole(role: keyof typeof PARTS, store: string): void {
  if (role === "all" || !store.startsWith("sqlite:")) return;
  throw new TypeError(
    `The role "${role}" is for one of several processes, and a SQLite file has one: leave it out, or give a store in PostgreSQL`,
  );
}

/**
 * Opens the ports of a role, which then answer probes. This comes before the store is opened: an
 * invalid address must not leave a new store behind.
 *
 * @param open receives each port as soon as it is open
 */
async function openPorts(
  open: Port[],
  how: {
    readonly service: PortOptions;
    readonly probing: Omit<PortOptions, "port"> & { readonly port: number | undefined };
    readonly role: keyof typeof PARTS;
  },
): Promise<{ readonly main: Port | undefined; readonly probes: Port | undefined }> {
  const { service, probing, role } = how;
  const opened = async (opening: Promise<Port>): Promise<Port> => {
    const each = await opening;
    open.push(each);
    return each;
  };
  const main = role === "worker" ? undefined : await opened(openServicePort(service));
  const { port } = probing;
  const probes = port === undefined ? undefined : await opened(openProbePort({ ...probing, port }));
  return { main, probes };
}

/**
 * The default of `metrics`: on only if no other machine can connect, directly or through a proxy.
 */
function showsMetrics({ role, host, publicUrl, probePort }: ReturnType<typeof readServeOptions>): boolean {
  const hasPort = role !== "worker" || probePort !== undefined;
  return hasPort && isLoopback(host) && publicUrl === undefined;
}

/** Opens operations, and informs `health` about migrations meanwhile. */
async function openWatched(
  teller: Teller,
  options: OpenOptions,
  own: Parameters<typeof openForServing>[2],
): Promise<OpenedForServing> {
  const { health } = own;
  let migration = "";
  const unwatch = teller.watch(
    (...[event, fields]) => {
      if (event === "migration.began") health.migrating((migration = `applying ${fields.name}`));
      // The log names the blocking sessions; probes must not show them.
      if (event === "migration.waits") health.migrating(`${migration}, which waits for another session`);
    },
    ["migration.began", "migration.waits"],
  );
  try {
    return await openForServing(teller, options, own);
  } finally {
    unwatch();
  }
}

function openOptionsOf(options: ServeOptions): OpenOptions {
  const { host: _host, port: _port, probePort: _probePort, tls: _tls, role: _role, ...others } = options;
  const { drainDelay: _drainDelay, allowedHosts: _allowedHosts, ...rest } = others;
  const { admin: _admin, adminToken: _adminToken, accessControl: _control, ...open } = rest;
  return open;
}

/** The parts of a server. */
interface Parts {
  readonly main: Port | undefined;
  readonly probes: Port | undefined;
  readonly operations: OpenedOperations;
  readonly health: Health;
  readonly admin: AdminSetting;
  readonly before: BeforeServer | undefined;
}

function servedBy(parts: Parts, options: ServeOptions): Served {
  const { main, probes, operations } = parts;
  return {
    url: main?.url ?? "",
    admin: adminOf(parts),
    probeUrl: probes?.url ?? "",
    operations,
    renewTls: (pair) => (main === undefined ? noTls() : main.listening.renewTls(pair)),
    stop: main === undefined ? workerStopper(parts) : stopper(options, { ...parts, main }),
  };
}

function adminOf({ main, admin, before }: Parts): Served["admin"] {
  if (main === undefined) return { off: "a worker has no port for calls" };
  return admin.level === "off" ? { off: admin.why } : { url: `${main.url}/${before?.mount ?? ""}admin/` };
}

/** A worker has no callers, so it stops without a delay. Its probes answer until it has stopped. */
function workerStopper({ operations, probes, health }: Parts): Served["stop"] {
  return async (how) => {
    health.drain();
    await operations.stop(how);
    await probes?.listening.close({ graceMs: 0 });
  };
}

function stopper(options: ServeOptions, parts: Parts & { readonly main: Port }): Served["stop"] {
  const { main, probes, operations, health, before } = parts;
  const { clock = systemClock } = options;
  const delayed = Promise.withResolvers<void>();
  let delay: Timer | undefined;
  return async ({ drain = options.drain, drainDelay = options.drainDelay } = {}) => {
    const { drainMs: graceMs } = readOption("drain", drain);
    const { drainDelayMs: delayMs } = readOption("drainDelay", drainDelay);
    health.drain();
    if (delay !== undefined || delayMs === 0) delayed.resolve();
    else main.listening.drain();
    delay ??= clock.after(delayMs, () => delayed.resolve());
    await delayed.promise;
    delay.cancel();
    // The waits are answered by stopping the operations; only then can the sockets close.
    const closed = main.listening.close({ graceMs });
    before?.close(graceMs);
    await operations.stop(drain === undefined ? {} : { drain });
    await closed;
    await probes?.listening.close({ graceMs: 0 });
  };
}

/** Moves stops to the paths below a mount. */
function mounted(stops: Stops, mount: string | undefined): Stops {
  if (mount === undefined) return stops;
  return new Map([...stops].map(([path, stop]) => [`/${mount}${path.slice(1)}`, stop]));
}

/** The hosts for which a server answers; undefined allows all. */
export function hostsOf({
  allowedHosts,
  publicUrl,
  host,
}: ReturnType<typeof readServeOptions>): AllowedHosts | undefined {
  if (allowedHosts === undefined && !isLoopback(host)) return undefined;
  const own = publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
  // An address is always allowed, and is not a name.
  const names = own.filter((each) => !each.startsWith("["));
  return new AllowedHosts([...(allowedHosts ?? []), ...names]);
}

function noTls(): never {
  throw new TypeError("A worker has no port for calls, and so no certificate");
}
