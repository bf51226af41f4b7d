import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StatementProxy } from "../support/statement-proxy.ts";
import type { PostgresServer } from "../support/postgres.ts";
import { type ServerProcess, startServerProcess, startWorkerProcess } from "../support/server-process.ts";
import { type FaultProxy, startProxy } from "./proxy.ts";
import { type Interruption, monotonicNow } from "./runs.ts";

const METHODS = fileURLToPath(new URL("./methods.ts", import.meta.url));
const CLOCK_SHIFT = fileURLToPath(new URL("./clock-shift.ts", import.meta.url));

/** The lease of every worker: short, so that faults can outlast it. */
export const LEASE_MS = 2_000;
/** Concurrent handlers of each worker. */
const SLOTS = 12;

/** The lease of workers without the store: the shortest that they may request. */
export const WIRE_LEASE_MS = 5_000;

/** How long operations run: so long that the slots determine the rate, not the machine's speed. */
export interface WorkTimes {
  /** Ordinary operations. */
  readonly ordinaryMs: number;
  /** Long operations: longer than a lease. */
  readonly longMs: number;
}

const WORK: WorkTimes = { ordinaryMs: 400, longMs: LEASE_MS * 1.5 };
/** Longer, because between two operations a remote worker's slot waits for up to two answers. */
const WIRE_WORK: WorkTimes = { ordinaryMs: 800, longMs: WIRE_LEASE_MS * 1.5 };

/** A `remote` worker has no store. It reaches one of the servers through a proxy of its own. */
export type Role = "api" | "worker" | "remote" | "all";

/** The parts of a cluster. */
export interface ClusterParts {
  readonly folder: string;
  /** The store's address, as the servers get it. */
  readonly store: string;
  /** The number of processes of each role. */
  readonly roles: Readonly<Partial<Record<Role, number>>>;
  /** The port of PostgreSQL, if that is the store. */
  readonly port?: number;
  /** Present if the run started the PostgreSQL itself. */
  readonly postgres?: PostgresServer;
  /** Whether each process has a proxy of its own before PostgreSQL. */
  readonly proxied: boolean;
  /** Whether that proxy is one that can lose a statement. */
  readonly loses: boolean;
}

/** Servers and workers on one store, each in a process of its own. */
export class Cluster implements AsyncDisposable {
  readonly members: readonly Member[];
  readonly #parts: ClusterParts;
  /** What was done to processes, for the check of the handlers' records. */
  readonly interruptions: Interruption[] = [];

  static async start(parts: ClusterParts): Promise<Cluster> {
    mkdirSync(join(parts.folder, "runs"), { recursive: true });
    const roles = Object.entries(parts.roles) as [Role, number][];
    const cluster = new Cluster(
      parts,
      roles.flatMap(([role, count]) => Array.from({ length: count }, (_, index) => ({ role, index }))),
    );
    try {
      // One first, because it creates the schema.
      const [first, ...others] = cluster.members;
      await first?.start();
      const remote = others.filter(({ role }) => role === "remote");
      await Promise.all(others.filter((each) => !remote.includes(each)).map((member) => member.start()));
      const { servers } = cluster;
      await Promise.all(
        remote.map((member, index) => member.workFor(servers[index % servers.length] ?? member)),
      );
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  private constructor(
    parts: ClusterParts,
    members: readonly { readonly role: Role; readonly index: number }[],
  ) {
    this.#parts = parts;
    this.members = members.map((which) => new Member(which, parts, this.interruptions));
  }

  /** The processes that answer calls. */
  get servers(): readonly Member[] {
    return this.members.filter(({ isServer }) => isServer);
  }

  /** The processes that run handlers. */
  get workers(): readonly Member[] {
    return this.members.filter(({ role }) => role !== "api");
  }

  /** Concurrent handlers, over all workers. */
  get slots(): number {
    return this.workers.length * SLOTS;
  }

  get work(): WorkTimes {
    return this.members.some(({ role }) => role === "remote") ? WIRE_WORK : WORK;
  }

  get postgres(): PostgresServer {
    if (this.#parts.postgres === undefined) throw new Error("This cluster has no PostgreSQL of its own");
    return this.#parts.postgres;
  }

  /** The address of PostgreSQL, without a proxy. */
  get store(): string {
    return this.#parts.store;
  }

  get runsFolder(): string {
    return join(this.#parts.folder, "runs");
  }

  /** Discards the handlers' records and the interruptions so far. */
  forgetRuns(): void {
    for (const file of readdirSync(this.runsFolder)) rmSync(join(this.runsFolder, file));
    this.interruptions.length = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.members.map((member) => member.dispose()));
  }
}

/** A member of a cluster. Its process may be replaced by another one. */
export class Member {
  readonly role: Role;
  readonly name: string;
  readonly #parts: ClusterParts;
  readonly #interruptions: Interruption[];
  #process: ServerProcess | undefined;
  #proxy: FaultProxy | undefined;
  #lossy: { readonly proxy: StatementProxy; readonly address: string } | undefined;
  /** The number of times that it was ended by kill -9. */
  kills = 0;

  constructor(
    which: { readonly role: Role; readonly index: number },
    parts: ClusterParts,
    interruptions: Interruption[],
  ) {
    this.role = which.role;
    this.name = `${which.role} ${which.index + 1}`;
    this.#parts = parts;
    this.#interruptions = interruptions;
  }

  /**
   * Starts the process.
   *
   * @param options.clockShiftMs the shift of its clock. @default 0
   * @param options.clockFile a file with the shift, which may change while the process runs
   */
  async start(options: { readonly clockShiftMs?: number; readonly clockFile?: string } = {}): Promise<void> {
    if (this.role === "remote") return await this.#startRemote();
    const { store, folder } = this.#parts;
    const { clockShiftMs = 0, clockFile = "" } = options;
    await this.#startProxy();
    const address =
      this.#lossy?.address ?? (this.#proxy === undefined ? store : withPort(store, this.#proxy.port));
    this.#process = await startServerProcess({
      file: METHODS,
      store: address,
      flags: [...this.#roleFlags, "--lease", `${LEASE_MS}ms`],
      nodeFlags: clockShiftMs === 0 && clockFile === "" ? [] : ["--import", CLOCK_SHIFT],
      environment: {
        FAULTS_RUNS: join(folder, "runs"),
        FAULTS_CLOCK_SHIFT_MS: String(clockShiftMs),
        FAULTS_CLOCK_FILE: clockFile,
      },
    });
  }

  /** Starts a worker without the store. It finds the server even after a restart on another port. */
  async workFor(server: Member): Promise<void> {
    this.#proxy = await startProxy(() => Number(new URL(server.url).port));
    await this.start();
  }

  /** Whether it answers calls. */
  get isServer(): boolean {
    return this.role === "api" || this.role === "all";
  }

  /** Such as `http://127.0.0.1:40123`. */
  get url(): string {
    return this.#running.url;
  }

  get processId(): number {
    return this.#running.process.pid ?? 0;
  }

  /** Whether the process exists, frozen or not. */
  get isAlive(): boolean {
    const child = this.#process?.process;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  get proxy(): FaultProxy {
    if (this.#proxy === undefined) throw new Error(`${this.name} has no proxy`);
    return this.#proxy;
  }

  /** The proxy that can lose a statement. */
  get lossy(): StatementProxy {
    if (this.#lossy === undefined) throw new Error(`${this.name} has no proxy that loses statements`);
    return this.#lossy.proxy;
  }

  /** The end of its log. */
  logEnd(characters: number): string {
    return this.#process?.log().slice(-characters) ?? "";
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(): Promise<void> {
    const process = this.processId;
    this.kills++;
    await this.#running.end("SIGKILL");
    this.#interruptions.push({ process, from: monotonicNow(), to: Number.POSITIVE_INFINITY });
  }

  /** Stops it as an operator does. */
  async stop(): Promise<void> {
    await this.#running.end("SIGTERM");
  }

  /** SIGSTOP. */
  freeze(): () => void {
    const { process: child } = this.#running;
    const process = this.processId;
    child.kill("SIGSTOP");
    const from = monotonicNow();
    return () => {
      this.#interruptions.push({ process, from, to: monotonicNow() });
      child.kill("SIGCONT");
    };
  }

  async dispose(): Promise<void> {
    await this.#process?.end("SIGKILL");
    await this.#proxy?.[Symbol.asyncDispose]();
    await this.#lossy?.proxy[Symbol.asyncDispose]();
  }

  /** Starts its proxy, if it needs one and has none yet. */
  async #startProxy(): Promise<void> {
    const { store, proxied, loses, port } = this.#parts;
    if (port === undefined) return;
    if (proxied) this.#proxy ??= await startProxy(port);
    if (!loses || this.#lossy !== undefined) return;
    const proxy = new StatementProxy(port);
    this.#lossy = { proxy, address: await proxy.listen(store) };
  }

  async #startRemote(): Promise<void> {
    this.#process = await startWorkerProcess({
      file: METHODS,
      server: `http://127.0.0.1:${this.proxy.port}`,
      flags: ["--lease", `${WIRE_LEASE_MS}ms`, "--concurrency", String(SLOTS)],
      environment: { FAULTS_RUNS: join(this.#parts.folder, "runs") },
    });
  }

  /** An embedded store has one process with the role `all`; without slots it runs no handlers. */
  get #roleFlags(): readonly string[] {
    if (this.role === "api" && this.#parts.port === undefined) return ["--concurrency", "0"];
    const slots = ["--concurrency", String(SLOTS)];
    return this.role === "all" ? slots : ["--role", this.role, ...slots];
  }

  get #running(): ServerProcess {
    if (this.#process === undefined) throw new Error(`${this.name} was never started`);
    return this.#process;
  }
}

function withPort(address: string, port: number): string {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
}
