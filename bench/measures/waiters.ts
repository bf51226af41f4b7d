import { execFileSync } from "node:child_process";
import { bareTwin } from "../compare.ts";
import { Connection, type RawAnswer } from "../load/connection.ts";
import { call, type Measure, median, startOperation, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";

/** File descriptors that the processes need for themselves. */
export const OTHER_FILES = 200;
const CONNECTING_AT_ONCE = 500;

export const waiters: Measure = {
  name: "waiters",
  title:
    "Callers that wait at the same time: memory of each against a bare idle connection, and the time to answer all of them",
  async run(setting) {
    // Node raises its soft limit to the hard limit at start-up.
    const most = execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    const wanted = setting.size.waiters;
    const count = most === "unlimited" ? wanted : Math.min(wanted, Number(most) - OTHER_FILES);
    const [ours, bare, woken]: [number[], number[], number[]] = [[], [], []];
    for (let run = 0; run < setting.size.runs; run++) {
      await using server = await startServer(setting);
      const waiting = await memoryOfWaiters(server, count);
      ours.push(waiting.bytesEach);
      woken.push(await waiting.wake());
      await using twin = await bareTwin(`${server.url}${waiting.path}`);
      bare.push(await memoryOfIdle(twin, count));
    }
    return {
      figures: {
        waiters: count,
        "bytes/waiter": median(ours),
        "bytes/bare idle connection": median(bare),
        "ms to wake all": median(woken),
      },
      checks: [
        { what: "memory, times bare", value: median(ours) / median(bare), limit: 1.5, rule: "at most" },
      ],
      notes: [
        "Resident memory after a garbage collection that returns unused pages. Each bare connection has received one answer and is kept alive.",
        ...(count < wanted
          ? [`The machine allows a process ${most} open files, so fewer callers wait.`]
          : []),
      ],
    };
  },
};

export async function memoryOfWaiters(server: Child, count: number) {
  const path = await startOperation(server.url, "hold", {});
  const first = await connectAll(server, 100, path);
  for (const connection of first) connection.close();
  const before = await server.ask("memory");
  const connections = await connectAll(server, count);
  const answers = connections.map((each) => each.call(`${path}:wait`, { body: '{"timeout":"60s"}' }));
  // The answer comes after everything that was sent before has been read.
  await call(server.url, path);
  await settled(server);
  const after = await server.ask("memory");
  return {
    path,
    bytesEach: (after.residentBytes - before.residentBytes) / count,
    wake: () => wake(server, { path, answers, connections }),
  };
}

/** @returns milliseconds from the cancellation to the last caller's answer */
async function wake(
  { url }: Child,
  waiting: {
    readonly path: string;
    readonly answers: readonly Promise<RawAnswer>[];
    readonly connections: readonly Connection[];
  },
): Promise<number> {
  const began = performance.now();
  await call(url, `${waiting.path}:cancel`, {});
  const answers = await Promise.all(waiting.answers);
  const elapsedMs = performance.now() - began;
  if (!answers.every(({ body }) => /"done": ?true/.test(body))) throw new Error("Some were let go early");
  for (const connection of waiting.connections) connection.close();
  return elapsedMs;
}

async function memoryOfIdle(bare: Child, count: number): Promise<number> {
  for (const connection of await connectAll(bare, 100, "/")) connection.close();
  const before = await bare.ask("memory");
  const connections = await connectAll(bare, count, "/");
  await settled(bare);
  const after = await bare.ask("memory");
  for (const connection of connections) connection.close();
  return (after.residentBytes - before.residentBytes) / count;
}

/** Connects a few hundred at a time, so that the queue of the listening socket never overflows. */
export async function connectAll(
  server: Child,
  count: number,
  path?: string,
): Promise<readonly Connection[]> {
  const connections: Connection[] = [];
  while (connections.length < count) {
    const more = Array.from({ length: Math.min(CONNECTING_AT_ONCE, count - connections.length) }, () =>
      Connection.open(server.url),
    );
    const opened = await Promise.all(more);
    if (path !== undefined) await Promise.all(opened.map((each) => each.call(path)));
    connections.push(...opened);
  }
  return connections;
}

/** Waits until the server's CPU is idle: then it has read everything. */
export async function settled(server: Child): Promise<void> {
  for (let used = Number.POSITIVE_INFINITY, last = 0; used > 20_000; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const { cpuMicroseconds } = await server.ask("cpu");
    used = cpuMicroseconds - last;
    last = cpuMicroseconds;
  }
}
