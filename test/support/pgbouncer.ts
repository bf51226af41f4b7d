import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWithUs } from "./end-with-us.ts";
import { aPort } from "./port.ts";

/**
 * The pgbouncer for tests: the path of its program. Without it, tests that need one are skipped.
 */
export const PGBOUNCER = process.env["PGBOUNCER"];

/** A pooler of the tests' own. Only its address, its server and its mode are configured. */
export interface Pgbouncer extends AsyncDisposable {
  /** The address of a database, through the pooler. */
  through(address: string): string;
}

/** Starts one. @throws {Error} with its output, if it does not start */
export async function startPgbouncer(
  mode: "session" | "transaction",
  serverPort: number,
): Promise<Pgbouncer> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-pgbouncer-"));
  const owner = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  chmodSync(folder, 0o755);
  const port = await aPort();
  const users = join(folder, "users.txt");
  writeFileSync(users, '"postgres" ""\n');
  const file = join(folder, "pgbouncer.ini");
  writeFileSync(
    file,
    `[databases]
* = host=127.0.0.1 port=${serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = 30
max_client_conn = 300
`.replace("* = host=127.0.0.1", "* = user=postgres host=127.0.0.1"),
  );
  const child = spawn(PGBOUNCER ?? "pgbouncer", [file], {
    ...owner,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  endWithUs(child, "SIGKILL");
  await listening(child);
  return {
    through: (address) => Object.assign(new URL(address), { port: String(port) }).href,
    [Symbol.asyncDispose]: async () => {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function listening(child: ChildProcess): Promise<void> {
  let printed = "";
  const ready = Promise.withResolvers<void>();
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.includes("process up")) ready.resolve();
  });
  child.once("error", ready.reject);
  child.once("exit", () => ready.reject(new Error(`pgbouncer ended at its start:\n${printed}`)));
  await ready.promise;
}
