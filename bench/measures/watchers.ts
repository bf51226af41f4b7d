import { execFileSync } from "node:child_process";
import { WatchingConnection } from "../load/watching.ts";
import { call, type Measure, median, quantile, startOperation, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";
import { connectAll, memoryOfWaiters, OTHER_FILES, settled } from "./waiters.ts";

const CONNECTING_AT_ONCE = 500;
const STARTS_AT_ONCE = 1_000;
/** Ends a second; each operation has one watcher. */
const ENDS_PER_SECOND = 200;

export const watchers: Measure = {
  name: "watchers",
  title: "Callers watching at once: memory of each against a waiter, and how late each is told of the end",
  async run(setting) {
    const most = execFileSync("bash", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
    const wanted = setting.size.waiters;
    const count = most === "unlimited" ? wanted : Math.min(wanted, Number(most) - OTHER_FILES);
    const [ours, waiting, all]: [number[], number[], number[]] = [[], [], []];
    const late: number[] = [];
    for (let run = 0; run < setting.size.runs; run++) {
      await using server = await startServer(setting);
      const watching = await memoryOfWatchers(server, count);
      ours.push(watching.bytesEach);
      all.push(await watching.tell());
      late.push(...(await latenessOf(server, count)));
      await using other = await startServer(setting);
      const { bytesEach, wake } = await memoryOfWaiters(other, count);
      waiting.push(bytesEach);
      await wake();
    }
    const p99 = quantile(late, 0.99);
    return {
      figures: {
        watchers: count,
        "bytes/watcher": median(ours),
        "bytes/waiter": median(waiting),
        "ms to tell all who watch one": median(all),
        "end to knowing: p50 ms": quantile(late, 0.5),
        "end to knowing: p99 ms": p99,
      },
      checks: [
        {
          what: "memory, times a waiter's",
          value: median(ours) / median(waiting),
          limit: 1.5,
          rule: "at most",
        },
        { what: "end to knowing: p99 ms", value: p99, limit: 50, rule: "at most" },
      ],
      notes: [
        "Resident memory after a garbage collection that gives unused pages back. All watch one operation for it.",
        `From the \`endTime\` in the event, which is decided before the commit, to the event at the caller; each watches an operation of its own, and ${ENDS_PER_SECOND} end a second.`,
        ...(count < wanted ? [`The machine lets a process have ${most} open files, so fewer watch.`] : []),
      ],
    };
  },
};

async function memoryOfWatchers(server: Child, count: number) {
  const path = await startOperation(server.url, "hold", {});
  for (const connection of await connectAll(server, 100, path)) connection.close();
  const before = await server.ask("memory");
  const watching = await watchAll(server, count, () => path);
  await settled(server);
  const after = await server.ask("memory");
  return {
    bytesEach: (after.residentBytes - before.residentBytes) / count,
    tell: async (): Promise<number> => {
      const began = performance.now();
      await call(server.url, `${path}:cancel`, {});
      await Promise.all(watching.map((each) => each.lateness));
      const elapsedMs = performance.now() - began;
      for (const each of watching) each.close();
      return elapsedMs;
    },
  };
}

/** Milliseconds from each end until its caller knows. */
async function latenessOf(server: Child, count: number): Promise<readonly number[]> {
  const paths: string[] = [];
  while (paths.length < count) {
    const start = { method: "hold", request: {}, delay: "3600s" };
    const requests = Array.from({ length: Math.min(STARTS_AT_ONCE, count - paths.length) }, () => start);
    const { results } = await call<{
      readonly results: readonly { readonly operation: { readonly name: string } }[];
    }>(server.url, "/v1:startOperations", { requests });
    paths.push(...results.map(({ operation }) => `/v1/${operation.name}`));
  }
  const watching = await watchAll(server, count, (index) => paths[index] ?? "");
  await settled(server);
  const began = performance.now();
  const cancels: Promise<unknown>[] = [];
  for (const [index, path] of paths.entries()) {
    const dueMs = began + (index * 1_000) / ENDS_PER_SECOND - performance.now();
    if (dueMs > 1) await new Promise((resolve) => setTimeout(resolve, dueMs));
    cancels.push(call(server.url, `${path}:cancel`, {}));
  }
  await Promise.all(cancels);
  const late = await Promise.all(watching.map((each) => each.lateness));
  for (const each of watching) each.close();
  return late;
}

/** A few hundred at a time, so that the queue of the listening socket never overflows. */
async function watchAll(
  server: Child,
  count: number,
  pathOf: (index: number) => string,
): Promise<readonly WatchingConnection[]> {
  const watching: WatchingConnection[] = [];
  while (watching.length < count) {
    const from = watching.length;
    const more = Array.from({ length: Math.min(CONNECTING_AT_ONCE, count - from) }, (_, index) =>
      WatchingConnection.open(server.url, pathOf(from + index)),
    );
    watching.push(...(await Promise.all(more)));
  }
  return watching;
}
