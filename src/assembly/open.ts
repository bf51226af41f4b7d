import type { StatusError } from "../core/error/error.ts";
import { ACCESS_EVENTS, logEvents } from "../core/event-log.ts";
import type { Tell } from "../core/events.ts";
import { isMethod, type Method } from "../core/method/method.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { Teller } from "../core/teller.ts";
import { type Random, systemRandom } from "../core/ports/random.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Store } from "../core/ports/store.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import { readOption } from "../config/options.ts";
import { stayAlive } from "../core/ports/stay-alive.ts";
import { AttemptWrites } from "../engine/attempt-writes.ts";
import { BuiltIns } from "../engine/admin/built-in.ts";
import { Engine } from "../engine/engine.ts";
import { Records } from "../engine/records.ts";
import { Tally } from "../engine/statistics/tally.ts";
import { attemptTokenOf } from "../engine/workers/attempt-tokens.ts";
import { Health } from "../server/probes/health.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Worker } from "../worker/worker.ts";
import { type OpenedAccess, policyOf, readAccess } from "./access.ts";
import type { AdminSetting } from "./admin.ts";
import type { AuditLog } from "../audit/audit.ts";
import { tellHints } from "./access-hints.ts";
import { auditOf } from "./audit.ts";
import { encryptionOf } from "./encryption.ts";
import { keepTicksFast } from "./fast-ticks.ts";
import { type OpenedQuotas, type QuotaOptions, quotasOf } from "./quotas.ts";
import { narrowed, openKept } from "./kept.ts";
import { type Before, interfacesOf, type ServedInterfaces } from "./interfaces.ts";
import type { OpenedOperations } from "./opened-operations.ts";
import { methodsByName, type OpenOptions, readOpenOptions } from "./options.ts";
import { checkOwnFiles } from "./own-files.ts";
import { openRpcs } from "./rpcs.ts";
import { reportedProcess } from "./reported-process.ts";
import { observedOf, telemetryOf } from "./telemetry.ts";
import { typedCalls } from "./typed-calls.ts";
import type { OpenedWebhooks } from "./webhooks.ts";
import { webhooksOf } from "./webhooks-door.ts";
import { workerId } from "./worker-id.ts";
import { Workers } from "./workers.ts";

/**
 * Opens operations on a store: the only place where all rooms meet. Keeps the process running from
 * the call until `stop()`.
 *
 * @throws {TypeError} for invalid options, with the reason
 * @throws {StatusError} if the store cannot be opened, with the remedy
 */
export function openOperations(options: OpenOptions): Promise<OpenedOperations> {
  return openToldBy(new Teller(), options);
}

/** The same, with the events on a teller that has other listeners too, and with the same errors. */
export async function openToldBy(teller: Teller, options: OpenOptions): Promise<OpenedOperations> {
  const health = new Health(options.clock ?? systemClock);
  return (await openForServing(teller, options, { health, admin: NO_ADMIN, notes: [] })).operations;
}

const NO_ADMIN: AdminSetting = { level: "off", why: "programs mount it" };

/** The additional parts of our own server. */
interface ServedParts {
  readonly health: Health;
  readonly admin: AdminSetting;
  /** Notes in the verbose answers of probes. */
  readonly notes: readonly string[];
  readonly before?: Before | undefined;
}

/** The interfaces and operations of our own server. */
export interface OpenedForServing extends ServedInterfaces {
  readonly operations: OpenedOperations;
}

/** The same for our own server. */
export async function openForServing(
  teller: Teller,
  options: OpenOptions,
  { health, admin, notes, before }: ServedParts,
): Promise<OpenedForServing> {
  checkOwnFiles();
  keepTicksFast();
  const settings = readOpenOptions(options);
  const { clock = systemClock, random = systemRandom, log } = options;
  if (log !== undefined) logEvents(teller, log, settings.accessLog ? [] : ACCESS_EVENTS);
  const { tell } = teller;
  const methods = methodsByName(options.methods.filter(isMethod));
  const webhooks = await webhooksOf(options, settings, { methods, clock, random, tell });
  // Remote methods are started and swept here, but run elsewhere.
  const handled = new Map([...methods].filter(([, { isRemote }]) => !isRemote));
  const builtIns = new BuiltIns(webhooks === undefined ? [] : [webhooks.method]);
  const runsHandlers = options.worker !== false && settings.concurrency > 0;
  const hasCallers = options.callers !== false;
  const { promise: lost, resolve: onLost } = Promise.withResolvers<StatusError>();
  const encryption = await encryptionOf(options, settings, { clock, random, tell });
  // Before the store announces any event.
  const telemetry = await telemetryOf(teller, methods.keys(), settings);
  const audit = await auditOf(settings, { clock, random, tell });
  const rules = await readAccess(options.access).catch(async (error: unknown) => {
    telemetry?.stop();
    await audit?.stop();
    throw error;
  });
  if (hasCallers) await tellHints({ access: rules, quotas: options.quotas }, { tell, now: clock.now() });
  // None of our timers keeps a process alive, and a connection does so only while there is one.
  const release = stayAlive();
  try {
    const runs = runsHandlers ? [...handled.keys(), ...builtIns.methods.keys()] : [];
    const how = { clock, random, tell, postgres: settings, keepsLeases: runsHandlers, hasCallers, runs };
    const opening = openKept(settings.store, { ...how, onLost, encryption, rules });
    const { store, access } = narrowed(await opening, before);
    const kinds = { methods, handled, builtIns, runsHandlers, hasCallers, audit, access, webhooks };
    const told = { health, notes, before, telemetry, clock, random, tell, release, settings };
    const parts = { ...kinds, ...told, store, lost, quotas: options.quotas };
    before?.opened?.(store);
    return await assemble(options.methods, parts, admin).catch(async (error: unknown) => {
      access?.stop();
      await before?.closing?.();
      await store.close();
      throw error;
    });
  } catch (error) {
    telemetry?.stop();
    await audit?.stop();
    release();
    throw error;
  }
}

/** No operation has this id: reading it is the cheapest query. */
const NO_ID = "00000000-0000-7000-8000-000000000000";

interface Parts {
  readonly settings: ReturnType<typeof readOpenOptions>;
  readonly runsHandlers: boolean;
  readonly hasCallers: boolean;
  readonly store: Store;
  readonly lost: Promise<StatusError>;
  readonly health: Health;
  readonly notes: readonly string[];
  readonly before: Before | undefined;
  readonly methods: ReadonlyMap<string, Method>;
  /** The methods with handlers in this process. */
  readonly handled: ReadonlyMap<string, Method>;
  readonly builtIns: BuiltIns;
  readonly telemetry: Telemetry | undefined;
  readonly audit: AuditLog | undefined;
  readonly access: OpenedAccess | undefined;
  readonly quotas: readonly QuotaOptions[] | undefined;
  readonly webhooks: OpenedWebhooks | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** Lets the process end. */
  readonly release: () => void;
}

async function assemble(
  declared: OpenOptions["methods"],
  parts: Parts,
  admin: AdminSetting,
): Promise<OpenedForServing> {
  const { store, lost, health, telemetry, audit, tell, random, settings } = parts;
  const tally = settings.statistics ? new Tally() : undefined;
  const pollIntervalMs = (operation: Operation): number => attempts.pollIntervals.of(operation);
  const deliveries = await parts.webhooks?.open({ store, pollIntervalMs });
  const attempts = new AttemptWrites(new Records(store, tell, tally, deliveries), settings.name);
  const id = workerId(random);
  const worker = parts.runsHandlers ? newWorkers(parts, attempts, id) : undefined;
  const quotas = await quotasOf(parts);
  const engine = newEngine(parts, { attempts, worker: worker?.forUsers, id, quotas });
  const own = await parts.webhooks?.rpcs(attempts.records, engine.chain);
  const rpcs = await openRpcs(declared, engine.operations, own);
  // Begins nothing of a paused method.
  if (worker !== undefined) await engine.pauses.look();
  engine.start();
  if (worker !== undefined) {
    engine.pauses.watch((paused) => worker.pause(paused));
    engine.pauses.start();
    worker.start();
  }
  const metrics = telemetry?.observe(observedOf({ engine, worker: worker?.forUsers, settings }), parts.clock);
  const asksFrom = audit === undefined ? quotas?.hasRules : () => true;
  const { programs, served, services } = interfacesOf(
    { ...parts, ...rpcs, engine, metrics, asksFrom },
    admin,
  );
  health.opened(async () => store.read(NO_ID), services);
  void lost.then(() => health.lose());
  const operations: OpenedOperations = {
    ...typedCalls(engine.operations),
    ...programs,
    stop: stopOnce({ ...parts, engine, worker, quotas }, settings.drainMs),
    reopenAudit: async () => audit?.reopen(),
    reloadAccess: async () => parts.access?.reload(),
    lost,
    metrics,
    worker: worker?.name,
    get running() {
      return worker?.running ?? 0;
    },
    get abandoned() {
      return worker?.abandoned ?? [];
    },
  };
  return { ...served, operations };
}

/** Stops all parts, each when no other needs it any more. */
function stopOnce(
  parts: Pick<
    Parts,
    "store" | "health" | "telemetry" | "audit" | "access" | "webhooks" | "release" | "before"
  > & {
    readonly engine: Engine;
    readonly worker: Workers | undefined;
    readonly quotas: OpenedQuotas | undefined;
  },
  drainMs: number,
): OpenedOperations["stop"] {
  const { engine, store, worker, quotas, health, telemetry, audit, access, webhooks, release, before } =
    parts;
  let stopped: Promise<void> | undefined;
  const stop = async (ms: number): Promise<void> => {
    health.drain();
    engine.operations.stop();
    engine.workers.stop();
    quotas?.stop();
    await worker?.stop({ drainMs: ms });
    await engine.stop();
    await webhooks?.stop();
    access?.stop();
    await before?.closing?.();
    await store.close();
    await audit?.stop();
    telemetry?.stop();
  };
  return ({ drain } = {}) => {
    const ms = drain === undefined ? drainMs : readOption("drain", drain).drainMs;
    // A second call joins the first, and may shorten its drain.
    if (stopped !== undefined && drain !== undefined) void worker?.stop({ drainMs: ms });
    return (stopped ??= stop(ms).finally(release));
  };
}

function newEngine(
  parts: Parts,
  {
    attempts,
    worker,
    id,
    quotas,
  }: {
    readonly attempts: AttemptWrites;
    readonly worker: Worker | undefined;
    readonly id: string;
    readonly quotas: OpenedQuotas | undefined;
  },
): Engine {
  const { settings, telemetry, audit, access } = parts;
  const process = reportedProcess({
    ...parts,
    id,
    methods: new Map([...parts.handled, ...parts.builtIns.methods]),
    slots: worker === undefined ? 0 : settings.concurrency,
    running: () => worker?.running ?? 0,
    draining: () => engine.operations.stopping,
  });
  const tracing = telemetry?.tracing;
  const engine: Engine = new Engine({
    ...parts,
    tracing,
    attempts,
    claimant: worker,
    domain: settings.name,
    process,
    policy: policyOf({ audit, access, quotas }),
  });
  return engine;
}

function newWorkers(parts: Parts, attempts: WorkerPort, name: string): Workers {
  const { handled, clock, random, tell, settings, telemetry, store } = parts;
  return new Workers({
    attempts,
    methods: new Map([...handled, ...parts.builtIns.methods]),
    clock,
    random,
    tell,
    tracing: telemetry?.tracing,
    name,
    domain: settings.name,
    concurrency: settings.concurrency,
    leaseMs: settings.leaseMs,
    attemptToken: attemptTokenOf(store.key, name),
  });
}
