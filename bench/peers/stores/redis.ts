import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { Unavailable } from "../peer.ts";
import { freePort, stopProcess } from "../process.ts";
import { bytesIn } from "./files.ts";
import type { StoreServer } from "./store.ts";

/** Redis, with a new server in each turn. @param appendfsync its durability */
export function redisServers(folder: string, appendfsync: "everysec" | "always"): StoreServer {
  const version = redisVersion();
  return {
    settings: `Redis ${version}, appendonly=yes, appendfsync=${appendfsync}, save=""`,
    async open() {
      const own = mkdtempSync(join(folder, "redis-"));
      const port = await freePort();
      const words = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", own, "--save", ""];
      const durable = ["--appendonly", "yes", "--appendfsync", appendfsync];
      const rest = ["--maxmemory-policy", "noeviction", "--auto-aof-rewrite-percentage", "0"];
      const child = spawn("redis-server", [...words, ...durable, ...rest], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      await readiness(child);
      return {
        address: `redis://127.0.0.1:${port}`,
        pids: [child.pid ?? 0],
        async logBytes() {
          const told = await ask(port, "INFO persistence");
          return Number(/aof_current_size:(\d+)/.exec(told)?.[1]);
        },
        async diskBytes() {
          await ask(port, "BGREWRITEAOF");
          while (!/aof_rewrite_in_progress:0/.test(await ask(port, "INFO persistence"))) await pause();
          return bytesIn(own);
        },
        async close() {
          await stopProcess(child);
          rmSync(own, { recursive: true, force: true });
        },
      };
    },
    close: async () => {},
  };
}

/** @throws {Unavailable} if it is neither installed nor can be installed */
function redisVersion(): string {
  try {
    return toldVersion();
  } catch {
    install();
    return toldVersion();
  }
}

function toldVersion(): string {
  const told = execFileSync("redis-server", ["--version"], { encoding: "utf8", stdio: "pipe" });
  return /v=(\S+)/.exec(told)?.[1] ?? "of an unknown version";
}

function install(): void {
  if (process.getuid?.() !== 0)
    throw new Unavailable("redis-server is not installed, and only root may install it");
  try {
    const words = ["install", "-y", "-qq", "--no-install-recommends", "redis-server"];
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    execFileSync("apt-get", words, { env, stdio: "pipe" });
  } catch {
    throw new Unavailable("redis-server is not installed, and apt-get does not install it");
  }
}

async function readiness(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit").then(() => Promise.reject(new Error("redis-server ended at its start")));
  const ready = new Promise<void>((resolve) => {
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      if (text.includes("Ready to accept connections")) resolve();
    });
  });
  await Promise.race([ready, ended]);
}

/** One command, on a connection of its own. @returns the raw answer */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect({ host: "127.0.0.1", port });
  let answer = "";
  socket.setEncoding("utf8").on("data", (text: string) => (answer += text));
  socket.end(`${command}\r\nQUIT\r\n`);
  await once(socket, "close");
  return answer;
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 20);
  });
}
