import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A program in a process of its own. */
export interface Started {
  readonly pid: number;
  /** What it printed when it was ready. */
  readonly printed: string;
  readonly stop: () => Promise<void>;
}

/** What to start, and how one sees that it is ready. */
export interface Start {
  readonly program: string;
  readonly words: readonly string[];
  /** Found in what it prints, on either stream. */
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longer than the slowest peer takes. */
const PATIENCE_MS = 60_000;
const STOP_MS = 5_000;

/** @throws {Error} with what it printed, if it ends or is not ready in a minute */
export async function startProcess({ program, words, ready, env }: Start): Promise<Started> {
  const child = spawn(program, words, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  let printed = "";
  const name = words.find((word) => /\.[jt]s$/.test(word)) ?? program;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const refuse = (what: string): void => reject(new Error(`${name} ${what}:\n${printed.slice(-4_000)}`));
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-20_000);
      if (ready.test(printed)) resolve();
    });
  child.once("error", reject);
  child.once("exit", () => refuse("ended before it was ready"));
  const patience = setTimeout(() => refuse("was not ready in a minute"), PATIENCE_MS);
  try {
    await promise;
  } catch (error) {
    await stopProcess(child);
    throw error;
  } finally {
    clearTimeout(patience);
  }
  return { pid: child.pid ?? 0, printed, stop: () => stopProcess(child) };
}

/** Ends a process as an operator would, and after five seconds by force. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(force);
}

/** A TCP port of this machine that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A socket has no port");
  return address.port;
}
