import { readOption } from "../config/options.ts";
import type { ErrorCode } from "../core/error/code.ts";
import { StatusError } from "../core/error/error.ts";
import { ACCESS_EVENTS, logEvents } from "../core/event-log.ts";
import type { Tell } from "../core/events.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { systemRandom } from "../core/ports/random.ts";
import { stayAlive } from "../core/ports/stay-alive.ts";
import type { WorkerCalls } from "../core/ports/worker-calls.ts";
import type { AttemptFacts } from "../core/ports/worker-port.ts";
import { Teller } from "../core/teller.ts";
import type { Duration } from "../core/value/duration.ts";
import { Keeper } from "../store/leases/keeper.ts";
import { LeaseThread } from "../store/leases/lease-thread.ts";
import { Renewals } from "../store/leases/renewals.ts";
import { PollLoop } from "../worker/remote/poll-loop.ts";
import { RemotePort } from "../worker/remote/remote-port.ts";
import { Worker } from "../worker/worker.ts";
import { trustAuthorities } from "./authorities.ts";
import { keepTicksFast } from "./fast-ticks.ts";
import { CurrentHeaders } from "./open-worker-headers.ts";
import { type OpenWorkerOptions, readWorkerOptions } from "./open-worker-options.ts";
import { renewByCalls } from "./open-worker-renewals.ts";
import { workerCalls } from "./open-worker-sending.ts";
import type { RenewalThreadData, ToRenewalThread } from "./open-worker-thread-entry.ts";
import { methodsByName } from "./options.ts";
import { checkOwnFiles } from "./own-files.ts";
import { telemetryOf } from "./telemetry.ts";
import { version } from "./version.ts";
import { workerId } from "./worker-id.ts";
import { threadEntry } from "../store/thread-entry.ts";

/** A running worker of a server. */
export interface OpenedWorker {
  /** Its name in attempts. */
  readonly name: string;
  /** The number of running handlers. */
  readonly running: number;
  /** Handlers that ignored their signal on {@link stop}, and still run in this process. */
  readonly abandoned: readonly AttemptFacts[];
  /** Undefined if the server answers, otherwise the last error. */
  readonly trouble: unknown;
  /**
   * Stops claiming, gives running handlers time to finish, and releases the rest. If a handler
   * ignores its signal, its operation is released without waiting for the handler; end the process
   * then, because another attempt begins elsewhere. A second call joins the first, and may shorten
   * its drain.
   */
  stop(options?: { readonly drain?: Duration }): Promise<void>;
}

/** Additional options for `longrunning work`. */
export interface WorkExtras {
  /**
   * Certificate authorities, as PEM, which the whole process trusts. @default the well-known ones
   */
  readonly ca?: string | undefined;
}

/**
 * Runs the handlers of methods that a server declares, without its store. Keeps the process running from the call until `stop()`.
 *
 * Resolves when the server has answered the first claim. It also resolves if the server is
 * unreachable: the worker then keeps trying, and `log` reports it.
 *
 * @throws {TypeError} for invalid options, with the reason
 * @throws {StatusError} the error of the first claim: UNAUTHENTICATED or PERMISSION_DENIED for the
 *   credentials, NOT_FOUND METHOD_NOT_FOUND for a method that the server does not declare
 * @see docs/workers.md
 */
export async function openWorker(options: OpenWorkerOptions): Promise<OpenedWorker> {
  checkOwnFiles();
  keepTicksFast();
  return openWorkerToldBy(new Teller(), options);
}

/**
 * The same, with the events on a teller that has other listeners too. It throws the same errors as
 * {@link openWorker}.
 */
export async function openWorkerToldBy(
  teller: Teller,
  options: OpenWorkerOptions,
  { ca = "" }: WorkExtras = {},
): Promise<OpenedWorker> {
  const settings = readWorkerOptions(options);
  const { server, clock = systemClock, random = systemRandom, log } = options;
  const methods = methodsByName(options.methods);
  if (log !== undefined) logEvents(teller, log, ACCESS_EVENTS);
  const { tell } = teller;
  const authorities = trustAuthorities(ca);
  const headers = new CurrentHeaders(options, clock);
  const calls = await workerCalls({ server, headers: () => headers.ask(), authorities }, clock);
  const telemetry = await telemetryOf(teller, methods.keys(), settings);
  const release = stayAlive();
  const close = (): void => {
    headers.stop();
    calls.close();
    telemetry?.stop();
    release();
  };
  try {
    const { keeper, close: endLeases } = await openLeases({ calls, clock, tell, headers, server, ca });
    const { leaseMs, concurrency, parent = "", name: domain, drainMs } = settings;
    const attempts = new RemotePort({ calls, clock, keeper, leaseMs, parent, version: version() });
    const { began, first } = beginning();
    const trouble = watchTrouble(teller);
    const parts = { attempts, methods, clock, random, tell, domain, concurrency, leaseMs };
    const worker = new Worker({
      ...parts,
      name: workerId(random),
      tracing: telemetry?.tracing,
      claims: (each) => new PollLoop({ ...each, began }),
    });
    worker.start();
    const end = async (): Promise<void> => {
      trouble.stop();
      await endLeases();
      close();
    };
    const error = await first;
    if (!isFinal(error)) return openedWorker(worker, { end, drainMs, trouble });
    await worker.stop({ drainMs: 0 });
    await endLeases();
    throw error;
  } catch (error) {
    close();
    throw error;
  }
}

/**
 * The result of the first claim, with its error if it failed, and the function that tells the
 * claims whether to continue.
 */
function beginning() {
  const { promise: first, resolve } = Promise.withResolvers<unknown>();
  const began = (error?: unknown): boolean => {
    resolve(error);
    return !isFinal(error);
  };
  return { first, began };
}

/** The codes of a first claim's errors that a retry cannot resolve. */
const FINAL: ReadonlySet<ErrorCode> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "PERMISSION_DENIED",
  "UNAUTHENTICATED",
  "UNIMPLEMENTED",
  "FAILED_PRECONDITION",
  "UNKNOWN",
]);

function isFinal(error: unknown): boolean {
  if (error === undefined) return false;
  return !(error instanceof StatusError) || FINAL.has(error.code);
}

interface Trouble {
  readonly latest: () => unknown;
  readonly stop: () => void;
}

/** Remembers the error of the newest claim. */
function watchTrouble(teller: Teller): Trouble {
  let latest: unknown;
  const stop = teller.watch(
    (...[event, fields]) => {
      if (event === "claim.answered") latest = undefined;
      if (event === "claim.failed") latest = fields.error;
    },
    ["claim.answered", "claim.failed"],
  );
  return { latest: () => latest, stop };
}

function openedWorker(
  worker: Worker,
  {
    end,
    drainMs,
    trouble,
  }: { readonly end: () => Promise<void>; readonly drainMs: number; readonly trouble: Trouble },
): OpenedWorker {
  let stopped: Promise<void> | undefined;
  return {
    name: worker.name,
    get running() {
      return worker.running;
    },
    get abandoned() {
      return worker.abandoned;
    },
    get trouble() {
      return trouble.latest();
    },
    stop: ({ drain } = {}) => {
      const ms = drain === undefined ? drainMs : readOption("drain", drain).drainMs;
      // A second call joins the first, and may shorten its drain.
      if (stopped !== undefined && drain !== undefined) void worker.stop({ drainMs: ms });
      return (stopped ??= worker.stop({ drainMs: ms }).then(end));
    },
  };
}

interface OpenedLeases {
  readonly keeper: Keeper;
  readonly close: () => Promise<void>;
}

/** Renews leases in a thread; with a clock other than the machine's, in this thread. */
async function openLeases(parts: {
  readonly calls: WorkerCalls;
  readonly clock: Clock;
  readonly tell: Tell;
  readonly headers: CurrentHeaders;
  readonly server: string;
  readonly ca: string;
}): Promise<OpenedLeases> {
  const { calls, clock, tell, headers, server, ca } = parts;
  if (clock.isReal !== true) {
    const failed = (count: number, error: unknown): void => tell["leases.not-renewed"]?.({ count, error });
    const renew = renewByCalls(calls, failed);
    const keeper = new Keeper({ tell, renewals: (hear) => new Renewals({ clock, renew, hear }) });
    return { keeper, close: async () => keeper.stop() };
  }
  const data: RenewalThreadData = { server, ca, headers: await headers.ask() };
  const thread = new LeaseThread({ entry: threadEntry("open-worker", import.meta.url), data, clock, tell });
  headers.watch((current) => thread.send({ headers: current } satisfies ToRenewalThread));
  await thread.ready();
  const keeper = new Keeper({ tell, renewals: (hear) => thread.renewals(hear) });
  return {
    keeper,
    close: async () => {
      keeper.stop();
      await thread.stop();
    },
  };
}
