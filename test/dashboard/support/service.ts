import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ServerProcess, startServerProcess } from "../../support/server-process.ts";

const METHODS = fileURLToPath(new URL("demo-methods.ts", import.meta.url));
const WITHIN_MS = 30_000;

/** A real server on a database of its own, with the methods of `demo-methods.ts`. */
export interface Service extends AsyncDisposable {
  /** The address of the service, without a slash at the end. */
  readonly url: () => string;
  /** Starts an operation. @returns its name */
  start(method: string, request: object, parent?: string): Promise<string>;
  /** Waits until an operation is done. */
  done(name: string): Promise<void>;
  /** Waits until a record satisfies a condition. */
  until(name: string, isSo: (row: Readonly<Record<string, unknown>>) => boolean): Promise<void>;
  /** Lets the handler end that waits for this word. */
  release(word: string): Promise<void>;
  kill(): Promise<void>;
  startAgain(): Promise<void>;
}

async function call(url: string, body?: object): Promise<Record<string, unknown>> {
  const request =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(url, request);
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Record<string, unknown>;
}

/** @param options.store a PostgreSQL address. @default a new SQLite file */
export async function startService(
  options: { readonly store?: string; readonly flags?: readonly string[] } = {},
): Promise<Service> {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-dashboard-"));
  const store = options.store ?? `sqlite:${join(folder, "operations.db")}`;
  const begin = (): Promise<ServerProcess> =>
    startServerProcess({ file: METHODS, store, flags: options.flags ?? [] });
  let server = await begin();
  const start = async (method: string, request: object, parent = "projects/acme"): Promise<string> => {
    const { name } = await call(`${server.url}/v1/${parent}:${method}`, request);
    return name as string;
  };
  const done = async (name: string): Promise<void> => {
    const { done: isDone } = await call(`${server.url}/v1/${name}:wait`, { timeout: "30s" });
    if (isDone !== true) throw new Error(`${name} is not done after 30 s`);
  };
  return {
    url: () => server.url,
    start,
    done,
    async until(name, isSo) {
      const end = Date.now() + WITHIN_MS;
      for (;;) {
        const { row } = (await call(`${server.url}/admin/v1/${name}`)) as { row: Record<string, unknown> };
        if (isSo(row)) return;
        if (Date.now() > end) throw new Error(`${name} stayed ${JSON.stringify(row)}`);
      }
    },
    release: async (word) => await done(await start("release", { word }, "projects/tests")),
    kill: async () => void (await server.end("SIGKILL")),
    startAgain: async () => void (server = await begin()),
    [Symbol.asyncDispose]: async () => {
      await server.end("SIGKILL");
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
