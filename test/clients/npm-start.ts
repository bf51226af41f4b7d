import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { ROOT } from "./readme.ts";

/**
 * The environment of the repository's own commands: this Node comes first, no proxy is used, and
 * the server is ours.
 */
export const environment = (url: string): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`,
  NO_PROXY: "*",
  no_proxy: "*",
  LONGRUNNING_SERVER: url,
});

/**
 * The server of `npm start`, with the same arguments except for a free port and a database of its
 * own.
 */
export async function npmStart(): Promise<{ readonly url: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-readme-"));
  const { scripts } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  // npm appends the arguments after `--`.
  const command = `${scripts["start"]} --port 0 --store "sqlite:${join(folder, "operations.db")}"`;
  const server = spawn("sh", ["-c", command], {
    cwd: ROOT,
    env: environment(""),
    // A process group of its own: the shell may remain as the server's parent, and a signal must
    // reach both.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(server, "exit");
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const end = async (): Promise<void> => {
    const runs = server.exitCode === null && server.signalCode === null;
    if (runs && server.pid !== undefined) process.kill(-server.pid, "SIGTERM");
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for await (const line of createInterface({ input: server.stdout })) {
    const url = /^Serving on (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (url === undefined) continue;
    server.stdout.resume();
    return { url, [Symbol.asyncDispose]: end };
  }
  await end();
  assert.fail(`"${command}" ended before it listened:\n${log}`);
}
