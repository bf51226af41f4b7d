import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "../../src/client/index.ts";
import { aMigratedAddress } from "../../src/store/postgres/a-database.suite.ts";
import { LOOPBACK, Receiver } from "../../src/webhooks/receiver.suite.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

/** Operations that end while processes are killed; more of them by hand, for an hour. */
const ENDS = Number(process.env["WEBHOOK_ENDS"] ?? "80");
const KILLS = ENDS > 1_000 ? 20 : 2;
/** Operations that do not end meanwhile. */
const PENDING = 5;
const FILE = fileURLToPath(new URL("./webhook-methods.ts", import.meta.url));

interface Received {
  readonly type: string;
  readonly data: { readonly name: string };
}

/** An API process and a worker that are killed and started again. */
class Processes implements AsyncDisposable {
  readonly #store: string;
  #api: ServerProcess | undefined;
  #worker: ServerProcess | undefined;

  constructor(store: string) {
    this.#store = store;
  }

  get url(): string {
    return this.#api?.url ?? "";
  }

  async start(): Promise<void> {
    this.#api = await this.#process("api");
    this.#worker = await this.#process("worker");
  }

  /** Kills both where they are, and starts others. */
  async kill(): Promise<void> {
    await Promise.all([this.#api?.end("SIGKILL"), this.#worker?.end("SIGKILL")]);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#api?.end("SIGKILL"), this.#worker?.end("SIGKILL")]);
  }

  #process(role: string): Promise<ServerProcess> {
    const flags = ["--role", role, "--webhooks", "--webhook-allow", LOOPBACK.join(","), "--lease", "1s"];
    return startServerProcess({ file: FILE, store: this.#store, flags });
  }
}

test("processes are killed while operations end: each end is told to both endpoints, and nothing else", {
  timeout: 3_600_000,
}, async () => {
  await using receiver = await Receiver.open();
  await using processes = new Processes(await aMigratedAddress());
  await processes.start();
  for (const id of ["a", "b"]) await endpoint(processes.url, id, `${receiver.url}/${id}`);
  const before = await known(processes.url, receiver);
  const expected = new Map<string, string>();
  let started = 0;
  for (let kill = 0; kill <= KILLS; kill++) {
    const client = createClient(processes.url);
    for (let each = 0; each < ENDS / (KILLS + 1); each++) {
      const fails = started++ % 3 === 0;
      const { name } = await client.start("pack", { fails }, { parent: "projects/p" });
      expected.set(name, fails ? "operation.failed" : "operation.succeeded");
    }
    for (let each = 0; each < (kill === 0 ? PENDING : 0); each++)
      await client.start("pack", { fails: false }, { parent: "projects/p", delay: "1d" });
    client.close();
    if (kill < KILLS) await processes.kill();
  }
  /** The paths and events that were expected. */
  const told = (): readonly (readonly [path: string, event: Received])[] =>
    receiver.arrivals
      .map(({ path, body }) => [path, JSON.parse(body) as Received] as const)
      .filter(([, { data }]) => !before.has(data.name));
  const isComplete = (): boolean =>
    new Set(told().map(([path, { data }]) => path + data.name)).size >= 2 * expected.size;
  for (let count = receiver.arrivals.length; !isComplete(); )
    count = (await receiver.until(count + 1)).length;
  for (const [, { type, data }] of told()) assert.equal(type, expected.get(data.name), data.name);
});

/** Ends operations until both endpoints are told: a worker knows them within two seconds. */
async function known(url: string, receiver: Receiver): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const client = createClient(url);
  while (new Set(receiver.arrivals.map(({ path }) => path)).size < 2) {
    const { name } = await client.start("pack", { fails: false }, { parent: "projects/p" });
    names.add(name);
    await client.result(name);
  }
  client.close();
  return names;
}

async function endpoint(url: string, id: string, target: string): Promise<void> {
  const response = await fetch(`${url}/v1/projects/p/webhookEndpoints?webhookEndpointId=${id}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ url: target }),
  });
  assert.equal(response.status, 200, await response.text());
}
