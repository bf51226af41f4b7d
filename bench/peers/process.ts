import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";

/** A program in a process of its own. */
export interface Started {
  readonly pid: number;
  /** Its output up to the moment when it was ready. */
  readonly printed: string;
  readonly stop: () => Promise<void>;
}

/** The program to start, and how to recognise that it is ready. */
export interface Start {
  readonly program: string;
  readonly words: readonly string[];
  /** The text that shows this, in either output stream. */
  readonly ready: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** Longer than the slowest peer takes. */
const PATIENCE_MS = 60_000;
const STOP_MS = 5_000;

/** @throws {Error} with its output, if it ends or is not ready within a minute */
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

/** Stops a process as an operator does, and kills it after five seconds. */
export async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
  await ended;
  clearTimeout(force);
}

/** A free TCP port of this machine. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A socket has no port");
  return address.port;
}
