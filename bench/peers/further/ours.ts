import { Connection } from "../../load/connection.ts";
import { type Role, serveRole } from "../adapters/longrunning.ts";
import { type Calls, type Running, TEXT } from "../peer.ts";
import type { Opened } from "../stores/store.ts";
import type { FurtherStage } from "./further.ts";

/** Our processes on one database; stopped together. */
export class Ours implements AsyncDisposable {
  readonly store: Opened;
  readonly #stage: FurtherStage;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(stage: FurtherStage, store: Opened) {
    this.#stage = stage;
    this.store = store;
  }

  /** Starts one more process. */
  async serve(role: Role, flags: readonly string[] = []) {
    const started = await serveRole({ store: this.store, program: this.#stage.program }, role, flags);
    this.#stops.push(started.stop);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}

/** Calls of a method that takes `request`. The answer must contain `TEXT`. */
export function callsOf(method: string, request: object): Calls {
  return {
    start: { path: `/v1:${method}`, body: JSON.stringify({ text: TEXT, ...request }) },
    wait: (started) => ({ path: `/v1/${nameIn(started)}:wait`, body: "{}" }),
  };
}

/** The server under load. */
export function runningAt(url: string, calls: Calls): Running {
  return { urls: [url], calls, pids: [], stop: async () => {} };
}

/** Starts operations with 64 callers and waits for none of them. @returns the names, unordered */
export async function startMany(
  url: string,
  { path, body }: Calls["start"],
  count: number,
): Promise<string[]> {
  const connections = await Promise.all(Array.from({ length: 64 }, () => Connection.open(url)));
  const names: string[] = [];
  let started = 0;
  const startUntilEnough = async (connection: Connection): Promise<void> => {
    while (started++ < count) {
      const answer = await connection.call(path, body === undefined ? {} : { body });
      if (answer.status !== 200)
        throw new Error(`A start was answered with ${answer.status}: ${answer.body}`);
      names.push(nameIn(answer.body));
    }
    connection.close();
  };
  await Promise.all(connections.map(startUntilEnough));
  return names;
}

/** Resolves when all operations are done: it polls an unfinished one repeatedly. */
export async function allDone(url: string): Promise<void> {
  const connection = await Connection.open(url);
  const path = `/v1/operations?pageSize=1&filter=${encodeURIComponent("done = false")}`;
  try {
    for (;;) {
      const { status, body } = await connection.call(path);
      if (status !== 200) throw new Error(`A list was answered with ${status}: ${body}`);
      const { operations = [] } = JSON.parse(body) as { readonly operations?: readonly unknown[] };
      if (operations.length === 0) return;
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
  } finally {
    connection.close();
  }
}

/** The name in an operation, such as `operations/…`. */
function nameIn(operation: string): string {
  return (JSON.parse(operation) as { readonly name: string }).name;
}
