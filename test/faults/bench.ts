import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/core/ports/random.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { Cluster, type ClusterParts } from "./cluster.ts";
import { Course, type Pace } from "./course.ts";
import type { Bench, CourseSetting, During, Figures } from "./fault.ts";

/** Few, so that it costs little to take them all. */
export const CONNECTIONS_MAX = 100;

/** How large clusters are, and how long windows. */
const SIZES = {
  short: { api: 2, worker: 2, pace: { warmMs: 2_000, windowMs: 7_000 } },
  long: { api: 3, worker: 4, pace: { warmMs: 3_000, windowMs: 15_000 } },
} as const satisfies Record<string, { api: number; worker: number; pace: Pace }>;

/**
 * What faults run on. A cluster is kept for the next fault that wants one of its kind, as long as all goes well: starting
 * one takes as long as breaking it.
 */
export class FaultBench implements Bench, AsyncDisposable {
  readonly isLong: boolean;
  readonly random: Random;
  readonly told: (line: string) => void;
  readonly #folder = mkdtempSync(join(tmpdir(), "longrunning-faults-"));
  #postgres: PostgresServer | undefined;
  #cluster: { readonly kind: string; readonly cluster: Cluster } | undefined;
  #count = 0;

  constructor(how: Pick<Bench, "isLong" | "random" | "told">) {
    this.isLong = how.isLong;
    this.random = how.random;
    this.told = how.told;
  }

  get folder(): string {
    const folder = join(this.#folder, String(++this.#count));
    mkdirSync(folder);
    return folder;
  }

  async course(setting: CourseSetting, during: During): Promise<Figures> {
    const cluster = await this.#clusterFor(setting);
    const { pace } = SIZES[this.isLong ? "long" : "short"];
    const prefix = `run-${++this.#count}`;
    try {
      return await new Course(cluster, setting, { pace, random: this.random, prefix }).run(during);
    } catch (error) {
      await this.startAfresh();
      throw error;
    } finally {
      cluster.forgetRuns();
    }
  }

  /** Ends everything: the next fault is to begin with something whole, whatever has become of this one. */
  async startAfresh(): Promise<void> {
    await this.#dropCluster();
    const postgres = this.#postgres;
    this.#postgres = undefined;
    await postgres?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.startAfresh();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #clusterFor({ store, proxied = false, loses = false }: CourseSetting): Promise<Cluster> {
    const kind = `${store} ${proxied} ${loses}`;
    if (this.#cluster?.kind === kind) return this.#cluster.cluster;
    await this.#dropCluster();
    const began = performance.now();
    const cluster = await (store === "sqlite" ? this.#onSqlite() : this.#onPostgres({ proxied, loses }));
    this.told(
      `${cluster.members.length} processes on ${store} in ${Math.round(performance.now() - began)} ms`,
    );
    this.#cluster = { kind, cluster };
    return cluster;
  }

  #onSqlite(): Promise<Cluster> {
    const { folder } = this;
    const address = `sqlite:${join(folder, "operations.db")}`;
    return Cluster.start({ folder, store: address, roles: { all: 1 }, proxied: false, loses: false });
  }

  async #onPostgres(proxies: Pick<ClusterParts, "proxied" | "loses">): Promise<Cluster> {
    this.#postgres ??= await startPostgres({ max_connections: CONNECTIONS_MAX });
    const { api, worker } = SIZES[this.isLong ? "long" : "short"];
    return await Cluster.start({
      folder: this.folder,
      store: await this.#postgres.createDatabase(),
      roles: { api, worker },
      postgres: this.#postgres,
      ...proxies,
    });
  }

  async #dropCluster(): Promise<void> {
    const dropped = this.#cluster;
    this.#cluster = undefined;
    await dropped?.cluster[Symbol.asyncDispose]();
  }
}
