import { fileURLToPath } from "node:url";
import { installed, installedFile } from "../install.ts";
import { type Calls, type Peer, type Running, type Stage, TEXT } from "../peer.ts";
import { freePort, type Started, startProcess } from "../process.ts";

/** The part of Restate's interface that is used. */
interface Module {
  readonly service: (definition: object) => unknown;
  readonly serve: (options: {
    readonly services: readonly unknown[];
    readonly port: number;
  }) => Promise<number>;
}
interface Data {
  readonly text: string;
}

const ENDPOINT = fileURLToPath(new URL("../restate-endpoint.ts", import.meta.url));
/**
 * Each partition has a log of its own. The default of 24 shares too few fsyncs for one disk and two
 * processors.
 */
const PARTITIONS = 4;
const PLATFORM = `@restatedev/restate-server-${process.platform}-${process.arch}`;
const CALLS: Calls = {
  start: { path: "/echo/run/send", body: JSON.stringify({ text: TEXT }) },
  wait: (started) => {
    const { invocationId } = JSON.parse(started) as { readonly invocationId: string };
    return { path: `/restate/invocation/${invocationId}/attach` };
  },
};

/** The worker: an endpoint that the server calls. */
export async function serveEndpoint(port: number): Promise<void> {
  const { service, serve } = await installed<Module>("@restatedev/restate-sdk");
  await serve({ services: [service({ name: "echo", handlers: { run: echo } })], port });
}

async function echo(_context: unknown, data: Data): Promise<Data> {
  return data;
}

async function startServer(folder: string, ports: Readonly<Record<"ingress" | "admin" | "node", number>>) {
  return await startProcess({
    program: installedFile(PLATFORM, "bin/restate-server"),
    words: ["--no-logo", "--base-dir", folder, "--listen-mode", "tcp", "--bind-ip", "127.0.0.1"],
    ready: /Server running|Restate server is ready|Ingress HTTP listening|Server started/i,
    env: {
      RESTATE_BIND_PORT: `${ports.node}`,
      RESTATE_INGRESS__BIND_PORT: `${ports.ingress}`,
      RESTATE_ADMIN__BIND_PORT: `${ports.admin}`,
      RESTATE_DEFAULT_NUM_PARTITIONS: `${PARTITIONS}`,
      RESTATE_LOG_FILTER: "warn,restate=info",
      DO_NOT_TRACK: "1",
    },
  });
}

async function register(admin: number, endpoint: number): Promise<void> {
  const body = JSON.stringify({ uri: `http://127.0.0.1:${endpoint}` });
  const headers = { "content-type": "application/json" };
  for (let attempt = 1; ; attempt++) {
    const answer = await fetch(`http://127.0.0.1:${admin}/deployments`, { method: "POST", body, headers })
      .then(async (response) => (response.ok ? "" : await response.text()))
      .catch(String);
    if (answer === "") return;
    if (attempt === 50) throw new Error(`Restate does not take the endpoint: ${answer}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 200);
    });
  }
}

async function launch({ store }: Stage): Promise<Running> {
  const [ingress, admin, node, port] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const words = [ENDPOINT, `${port}`];
  const endpoint = await startProcess({ program: process.execPath, words, ready: /^Working$/m });
  let server: Started | undefined;
  const stop = async (): Promise<void> => {
    await Promise.all([server?.stop(), endpoint.stop()]);
  };
  try {
    server = await startServer(store.address, { ingress, admin, node });
    await register(admin, port);
    return { urls: [`http://127.0.0.1:${ingress}`], calls: CALLS, pids: [server.pid, endpoint.pid], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

export const restate: Peer = {
  name: "restate",
  title: "Restate",
  packages: ["@restatedev/restate-server", "@restatedev/restate-sdk"],
  store: "own",
  tells: "`attach`, which blocks",
  settings: `its own HTTP, one node, \`default-num-partitions\` ${PARTITIONS} (faster here than its 24), other settings unchanged: it flushes its log to the disk before it answers`,
  keeps: "yes, for a day",
  fences: "yes: epochs of leaders and attempts",
  launch,
};
