import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Random } from "../../src/core/ports/random.ts";
import { type CitusCluster, citusForTests } from "../support/citus.ts";
import { type PostgresServer, startPostgres } from "../support/postgres.ts";
import { Cluster, type ClusterParts } from "./cluster.ts";
import { Course, type Pace } from "./course.ts";
import type { Bench, CourseSetting, During, Figures, StoreName } from "./fault.ts";

/** Few, so that a test can cheaply take them all. */
export const CONNECTIONS_MAX = 100;

/** The kind of cluster that a course needs. */
type Kind = Required<Pick<CourseSetting, "proxied" | "loses" | "wire">>;

/** The sizes of clusters, and the lengths of windows. */
const SIZES = {
  short: { api: 2, worker: 2, remote: 3, pace: { warmMs: 4_000, windowMs: 7_000 } },
  long: { api: 3, worker: 4, remote: 6, pace: { warmMs: 6_000, windowMs: 15_000 } },
} as const satisfies Record<string, { api: number; worker: number; remote: number; pace: Pace }>;

/**
 * The environment of the faults. While all goes well, a cluster is kept for the next fault that
 * needs one of the same kind: starting a cluster takes as long as a fault.
 */
export class FaultBench implements Bench, AsyncDisposable {
  readonly isLong: boolean;
  readonly random: Random;
  readonly told: (line: string) => void;
  readonly #folder = mkdtempSync(join(tmpdir(), "longrunning-faults-"));
  /** The store of the next fault's operations. */
  store: StoreName = "sqlite";
  #postgres: PostgresServer | undefined;
  #citus: CitusCluster | undefined;
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
    const { pace } = this.#size;
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

  /**
   * Stops everything, so that the next fault begins with an intact cluster, whatever this fault
   * left behind.
   */
  async startAfresh(): Promise<void> {
    await this.#dropCluster();
    const [postgres, citus] = [this.#postgres, this.#citus];
    this.#postgres = undefined;
    this.#citus = undefined;
    await postgres?.[Symbol.asyncDispose]();
    await citus?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.startAfresh();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #clusterFor({ proxied = false, loses = false, wire = false }: CourseSetting): Promise<Cluster> {
    const { store } = this;
    const kind = `${store} ${proxied} ${loses} ${wire}`;
    if (this.#cluster?.kind === kind) return this.#cluster.cluster;
    await this.#dropCluster();
    const began = performance.now();
    const cluster = await this.#start({ proxied, loses, wire });
    this.told(
      `${cluster.members.length} processes on ${store} in ${Math.round(performance.now() - began)} ms`,
    );
    this.#cluster = { kind, cluster };
    return cluster;
  }

  #start(wanted: Kind): Promise<Cluster> {
    switch (this.store) {
      case "sqlite":
        return this.#onSqlite(wanted);
      case "postgres":
        return this.#onPostgres(wanted);
      case "citus":
        return this.#onCitus(wanted);
    }
  }

  #onSqlite({ wire }: Kind): Promise<Cluster> {
    const { folder } = this;
    const store = `sqlite:${join(folder, "operations.db")}`;
    const roles = wire ? { api: 1, remote: this.#size.remote } : { all: 1 };
    return Cluster.start({ folder, store, roles, proxied: false, loses: false });
  }

  async #onPostgres({ wire, ...proxies }: Kind): Promise<Cluster> {
    this.#postgres ??= await startPostgres({ max_connections: CONNECTIONS_MAX });
    const [postgres, { port }] = [this.#postgres, this.#postgres];
    const store = await postgres.createDatabase();
    return await Cluster.start({
      folder: this.folder,
      store,
      roles: this.#roles(wire),
      postgres,
      port,
      ...proxies,
    });
  }

  async #onCitus({ wire, ...proxies }: Kind): Promise<Cluster> {
    this.#citus ??= citusForTests();
    const { port } = this.#citus;
    const store = await this.#citus.createDatabase();
    return await Cluster.start({ folder: this.folder, store, roles: this.#roles(wire), port, ...proxies });
  }

  #roles(wire: boolean): ClusterParts["roles"] {
    const { api, worker, remote } = this.#size;
    return wire ? { api, remote } : { api, worker };
  }

  get #size() {
    return SIZES[this.isLong ? "long" : "short"];
  }

  async #dropCluster(): Promise<void> {
    const dropped = this.#cluster;
    this.#cluster = undefined;
    await dropped?.cluster[Symbol.asyncDispose]();
  }
}
