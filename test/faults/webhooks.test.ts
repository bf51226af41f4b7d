import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createClient } from "../../src/client/index.ts";
import type { Client } from "../../src/client/client.ts";
import { aMigratedAddress } from "../../src/store/postgres/a-database.suite.ts";
import { LOOPBACK, Receiver } from "../../src/outbound/receiver.suite.ts";
import { type ServerProcess, startServerProcess } from "../support/server-process.ts";

/**
 * Operations that end while processes are killed; `WEBHOOK_ENDS` sets more of them, for longer runs
 * by hand.
 */
const ENDS = Number(process.env["WEBHOOK_ENDS"] ?? "80");
const KILLS = ENDS > 1_000 ? 20 : 2;
/** Concurrent starts. */
const AT_ONCE = 20;
/** Operations that do not end during the test. */
const PENDING = 5;
const FILE = fileURLToPath(new URL("./webhook-methods.ts", import.meta.url));

interface Received {
  readonly type: string;
  readonly data: { readonly name: string };
}

/** An API process and a worker that are killed and restarted. */
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

  /** Kills both at any point of their work, and starts new ones. */
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

test("processes are killed while operations end: both endpoints get each end, and nothing else", {
  timeout: 3_600_000,
}, async (context) => {
  const beganAt = performance.now();
  await using receiver = await Receiver.open();
  await using processes = new Processes(await aMigratedAddress());
  await processes.start();
  for (const id of ["a", "b"]) await endpoint(processes.url, id, `${receiver.url}/${id}`);
  const before = await known(processes.url, receiver);
  const expected = new Map<string, string>();
  /** Starts some operations at once. */
  const startSome = async (client: Client, count: number): Promise<void> => {
    const starts = Array.from({ length: count }, async (_, index) => {
      const fails = index % 3 === 0;
      const { name } = await client.start("pack", { fails }, { parent: "projects/p" });
      expected.set(name, fails ? "operation.failed" : "operation.succeeded");
    });
    await Promise.all(starts);
  };
  for (let kill = 0; kill <= KILLS; kill++) {
    const client = createClient(processes.url);
    for (let left = Math.ceil(ENDS / (KILLS + 1)); left > 0; left -= AT_ONCE)
      await startSome(client, Math.min(AT_ONCE, left));
    for (let each = 0; each < (kill === 0 ? PENDING : 0); each++)
      await client.start("pack", { fails: false }, { parent: "projects/p", delay: "1d" });
    client.close();
    if (kill < KILLS) await processes.kill();
  }
  /** The events that each endpoint received. */
  const told = new Set<string>();
  let looked = 0;
  while (told.size < 2 * expected.size) {
    const arrivals = await receiver.until(looked + 1);
    for (; looked < arrivals.length; looked++) {
      const { path = "", body = "" } = arrivals[looked] ?? {};
      const { type, data } = JSON.parse(body) as Received;
      if (before.has(data.name)) continue;
      assert.equal(type, expected.get(data.name), data.name);
      told.add(path + data.name);
    }
  }
  const seconds = Math.round((performance.now() - beganAt) / 1_000);
  context.diagnostic(
    `${expected.size} ends, ${KILLS} kills of both processes: ${told.size} deliveries, each at least once; ` +
      `${looked} arrived, in ${seconds} s`,
  );
});

/**
 * Ends operations until both endpoints get events: a worker knows new endpoints within two seconds.
 */
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
