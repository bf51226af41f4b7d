import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { endWithUs } from "./end-with-us.ts";

/** The command-line tool. */
export const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** The real server as a process of its own, started as a user starts it. */
export interface ServerProcess extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40123`; empty for a process that only runs handlers. */
  readonly url: string;
  readonly process: ChildProcess;
  /** Its whole log so far. */
  readonly log: () => string;
  /** The exit code, or null if a signal ended it; resolves as soon as its log is complete. */
  readonly ended: Promise<number | null>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>;
}

/** The settings of a process. */
interface ProcessOptions {
  /** Further flags of the command. */
  readonly flags?: readonly string[];
  /** Flags of Node, such as `--import`. */
  readonly nodeFlags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The destination of the log, as a file descriptor. @default a pipe that is read */
  readonly stderr?: number;
  /** Called with the log so far, whenever there is more. */
  readonly onLog?: (log: string) => void;
}

/** The settings of a server. */
export interface RunOptions extends ProcessOptions {
  /** Such as `sqlite:/tmp/x/operations.db`. */
  readonly store: string;
}

/**
 * Runs `longrunning serve` on a free port, and resolves when it answers calls or runs handlers.
 *
 * @param options.file the module with the methods
 */
export async function startServerProcess(
  options: RunOptions & { readonly file: string },
): Promise<ServerProcess> {
  return await run(["serve", options.file, ...servingFlags(options)], options);
}

/** Runs `longrunning proxy` on a free port and resolves when it answers. @param options.upstream the address of the server behind it */
export async function startProxyProcess(
  options: RunOptions & { readonly upstream: string },
): Promise<ServerProcess> {
  return await run(["proxy", "--upstream", options.upstream, ...servingFlags(options)], options);
}

/**
 * Runs `longrunning work`, and resolves when it is ready.
 *
 * @param options.file the module with the methods
 * @param options.server the address of the server that it works for
 */
export async function startWorkerProcess(
  options: ProcessOptions & { readonly file: string; readonly server: string },
): Promise<ServerProcess> {
  return await run(["work", options.file, "--server", options.server], options);
}

function servingFlags({ store }: RunOptions): readonly string[] {
  return ["--store", store, "--port", "0"];
}

async function run(command: readonly string[], options: ProcessOptions): Promise<ServerProcess> {
  const flags = ["--log-format", "json", ...(options.flags ?? [])];
  const words = [...(options.nodeFlags ?? []), MAIN, ...command, ...flags];
  const server = spawn(process.execPath, words, {
    stdio: ["ignore", "pipe", options.stderr ?? "pipe"],
    env: { ...process.env, ...options.environment },
  });
  endWithUs(server, "SIGKILL");
  let log = "";
  server.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log += text;
    options.onLog?.(log);
  });
  // Unlike at its exit, all its output has been read by then.
  const ended = once(server, "close") as Promise<[number | null]>;
  const url = await Promise.race([
    addressFrom(server),
    ended.then(([code]) =>
      Promise.reject(new Error(`The server ended with ${String(code)} before it listened:\n${log}`)),
    ),
  ]);
  const exited = ended.then(([code]) => code);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (server.exitCode === null && server.signalCode === null) server.kill(signal);
    return await exited;
  };
  return {
    url,
    process: server,
    log: () => log,
    ended: exited,
    end,
    [Symbol.asyncDispose]: async () => void (await end("SIGKILL")),
  };
}

/** The address in the output of the command; empty if it only runs handlers. */
async function addressFrom(server: ChildProcess): Promise<string> {
  if (server.stdout === null) throw new Error("The server has no output");
  const lines = createInterface({ input: server.stdout });
  for await (const line of lines) {
    const url = line === "Working" ? "" : /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (url === undefined) continue;
    server.stdout.resume();
    return url;
  }
  return await new Promise<never>(() => {});
}
