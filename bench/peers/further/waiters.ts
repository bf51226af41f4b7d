import { execFileSync } from "node:child_process";
import { Connection } from "../../load/connection.ts";
import { quantile } from "../../measure.ts";
import type { Further } from "./further.ts";
import { callsOf, Ours, startMany } from "./ours.ts";

/** File descriptors that the processes need for themselves. */
const OTHER_FILES = 200;
const CONNECTING_AT_ONCE = 500;
/** One worker that runs ten handlers of 10 ms finishes at most a thousand a second. */
const CONCURRENCY = 10;
const SLEEP_MS = 10;
/** One answer of an otherwise idle server. */
const QUICK_MS = 20;
const QUICK_IN_A_ROW = 20;

export const waiters: Further = {
  name: "waiters",
  title:
    "Callers that wait on one server, each for a different operation, while a worker in another process completes the operations",
  async run(stage) {
    const most = execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    const wanted = stage.size.waiters;
    const count = most === "unlimited" ? wanted : Math.min(wanted, Number(most) - OTHER_FILES);
    await using ours = new Ours(stage, await stage.database());
    const { url } = await ours.serve("api");
    const names = await startMany(url, callsOf("nap", { milliseconds: SLEEP_MS }).start, count);
    const connections = await connectAll(url, count);
    const late = names.map((name, index) => latenessOf(connections[index], name));
    await atRest(url);
    await ours.serve("worker", ["--concurrency", `${CONCURRENCY}`]);
    const began = performance.now();
    const took = await Promise.all(late);
    const elapsedMs = performance.now() - began;
    for (const connection of connections) connection.close();
    const p99 = quantile(took, 0.99);
    return {
      figures: {
        waiters: count,
        "completions/s": (count / elapsedMs) * 1_000,
        "completion to answer: p50 ms": quantile(took, 0.5),
        "completion to answer: p99 ms": p99,
      },
      checks: [{ what: "completion to answer: p99 ms", value: p99, limit: 50, rule: "at most" }],
      notes: [
        "The time counts from the `endTime` in the answer, which is set before the commit, until the caller receives the answer.",
        ...(count < wanted
          ? [`The machine allows a process ${most} open files, so fewer callers wait.`]
          : []),
      ],
    };
  },
};

/** @returns milliseconds from the end of an operation until its caller knows */
async function latenessOf(connection: Connection | undefined, name: string): Promise<number> {
  const answer = await connection?.call(`/v1/${name}:wait`, { body: '{"timeout":"300s"}' });
  const known = Date.now();
  const endTime = /"endTime": ?"([^"]+)"/.exec(answer?.body ?? "")?.[1];
  if (endTime === undefined) throw new Error(`${name} did not end: ${answer?.body}`);
  return known - Date.parse(endTime);
}

/** Resolves when the server is idle: then all calls wait. */
async function atRest(url: string): Promise<void> {
  const connection = await Connection.open(url);
  for (let quick = 0; quick < QUICK_IN_A_ROW; ) {
    const began = performance.now();
    await connection.call("/v1/operations?pageSize=1");
    quick = performance.now() - began < QUICK_MS ? quick + 1 : 0;
  }
  connection.close();
}

/** Connects a few hundred at a time, so that the queue of the listening socket never overflows. */
async function connectAll(url: string, count: number): Promise<readonly Connection[]> {
  const connections: Connection[] = [];
  while (connections.length < count) {
    const length = Math.min(CONNECTING_AT_ONCE, count - connections.length);
    connections.push(...(await Promise.all(Array.from({ length }, () => Connection.open(url)))));
  }
  return connections;
}
