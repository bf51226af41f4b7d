import type { Program } from "../../processes/build.ts";
import { type Calls, type Peer, type Stage, TEXT } from "../peer.ts";
import { startProcess } from "../process.ts";

/** How callers start and wait for an operation that does nothing. */
export const CALLS: Calls = {
  start: { path: "/v1:echo", body: JSON.stringify({ text: TEXT }) },
  wait: (started) => ({
    path: `/v1/${(JSON.parse(started) as { readonly name: string }).name}:wait`,
    body: "{}",
  }),
};
const ADDRESS = /Serving on (http:\/\/[\d.:]+)/;
const WORKING = /Working/;
const FLAGS = ["--drain", "10ms", "--log-format", "json", "--log-level", "warn"];
/** The ways to run our processes. */
export type Role = "api" | "worker";

/** The settings of one of our processes. */
interface OurStage {
  readonly program: Program;
  readonly store: Pick<Stage["store"], "address">;
}

async function serve({ program, store }: OurStage, ready: RegExp, flags: readonly string[]) {
  const scheme = store.address.startsWith("postgres:") ? "" : "sqlite:";
  const words = [program.main, "serve", program.methods, "--store", `${scheme}${store.address}`];
  const started = await startProcess({
    program: process.execPath,
    words: [...words, "--port", "0", ...FLAGS, ...flags],
    ready,
  });
  return { ...started, url: ADDRESS.exec(started.printed)?.[1] ?? "" };
}

/** A process with one role, on PostgreSQL. A worker has no address. */
export async function serveRole(stage: OurStage, role: Role, flags: readonly string[] = []) {
  return serve(stage, role === "api" ? ADDRESS : WORKING, ["--role", role, ...flags]);
}

export const longrunningSqlite: Peer = {
  name: "longrunning-sqlite",
  title: "longrunning, SQLite",
  packages: [],
  store: "sqlite",
  tells: "`:wait`",
  settings: "one process, since an embedded file has one server: API and worker together; defaults",
  keeps: "yes",
  fences: "yes: attempt",
  async launch(stage) {
    const { url, pid, stop } = await serve(stage, ADDRESS, []);
    return { urls: [url], calls: CALLS, pids: [pid], stop };
  },
};

export const longrunningPostgres: Peer = {
  name: "longrunning-postgres",
  title: "longrunning, PostgreSQL",
  packages: [],
  store: "postgres",
  tells: "`:wait`",
  settings: "one process with `--role api` and one with `--role worker`; defaults",
  keeps: "yes",
  fences: "yes: attempt",
  async launch(stage) {
    const api = await serveRole(stage, "api");
    try {
      const worker = await serveRole(stage, "worker");
      const stop = async (): Promise<void> => {
        await Promise.all([api.stop(), worker.stop()]);
      };
      return { urls: [api.url], calls: CALLS, pids: [api.pid, worker.pid], stop };
    } catch (error) {
      await api.stop();
      throw error;
    }
  },
};

/** A worker without a store, which claims its work from the server over REST. */
export const longrunningWire: Peer = {
  ...longrunningPostgres,
  name: "longrunning-wire",
  title: "longrunning, worker over REST",
  settings:
    "PostgreSQL; one process with `--role api`, and one of `longrunning work` without a store; defaults",
  async launch(stage) {
    const api = await serveRole(stage, "api");
    try {
      const words = [stage.program.main, "work", stage.program.methods, "--server", api.url];
      const worker = await startProcess({
        program: process.execPath,
        words: [...words, ...FLAGS],
        ready: WORKING,
      });
      const stop = async (): Promise<void> => {
        await worker.stop();
        await api.stop();
      };
      return { urls: [api.url], calls: CALLS, pids: [api.pid, worker.pid], stop };
    } catch (error) {
      await api.stop();
      throw error;
    }
  },
};
