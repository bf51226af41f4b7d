import { join } from "node:path";
import { bareTwin, compare, type Comparison, type Sample } from "../compare.ts";
import { call, type Finding, type Measure, type Setting, startOperation, startServer } from "../measure.ts";

const CONNECTIONS = 64;

/**
 * The limits of our server: its least throughput and its most CPU time, relative to the bare
 * server's.
 */
export interface Limits {
  readonly throughput: number;
  readonly cpu: number;
}

export const getFinished: Measure = {
  name: "get-finished",
  title: "GET of a finished operation, 64 connections, against bare node:http with the same bytes",
  async run(setting) {
    await using server = await startServer(setting);
    const path = await startOperation(server.url, "echo", { text: "What was asked for comes back." });
    await call(server.url, `${path}:wait`, {});
    return await againstBare(setting, server, path, { throughput: 0.85, cpu: 1.2 });
  },
};

/** A GET of a finished operation whose answer has `kibibytes` KiB. */
function getOfSize(name: string, kibibytes: number): Measure {
  return {
    name,
    title: `GET of a finished operation whose answer has ${kibibytes} KiB, against bare node:http with the same bytes`,
    async run(setting) {
      await using server = await startServer(setting);
      const text = "What was asked for comes back. ".repeat(Math.ceil((kibibytes * 1_024 - 880) / 31));
      const path = await startOperation(server.url, "echo", { text });
      await call(server.url, `${path}:wait`, {});
      return await againstBare(setting, server, path, { throughput: 0.85, cpu: 1.2 });
    },
  };
}

export const get2KiB = getOfSize("get-2k", 2);
export const get16KiB = getOfSize("get-16k", 16);

export const getArchive: Measure = {
  name: "get-archive",
  title:
    "GET of a finished operation of the example that npm start serves, against bare node:http with the same bytes",
  async run(setting) {
    await using server = await startServer(setting, { methods: setting.program.archive });
    const path = await startOperation(server.url, "createArchive", {
      directory: join(import.meta.dirname, "..", "..", "docs"),
      output: join(setting.folder, "docs.tar.gz"),
    });
    await call(server.url, `${path}:wait`, {});
    return await againstBare(setting, server, path, { throughput: 0.85, cpu: 1.2 });
  },
};

export const getRunning: Measure = {
  name: "get-running",
  title:
    "GET of a running operation whose metadata changes four times a second, against bare node:http with the same bytes",
  async run(setting) {
    await using server = await startServer(setting);
    const path = await startOperation(server.url, "tick", { seconds: 3_600 });
    return await againstBare(setting, server, path, { throughput: 0.75, cpu: 1.35 });
  },
};

async function againstBare(
  setting: Setting,
  server: Awaited<ReturnType<typeof startServer>>,
  path: string,
  limits: Limits,
): Promise<Finding> {
  await using bare = await bareTwin(`${server.url}${path}`);
  const load = { paths: [path], connections: CONNECTIONS };
  const comparison = await compare(setting, [
    { child: server, load },
    { child: bare, load },
  ]);
  return shareOfBare(comparison, limits);
}

/** The figures of the first server, ours, relative to the second, the bare server. */
export function shareOfBare(comparison: Comparison, limits: Limits): Finding {
  const [ours, limit] = comparison.samples as [Sample, Sample];
  const share = comparison.times(0, 1);
  return {
    figures: {
      "requests/s": ours.requestsPerSecond,
      "bare requests/s": limit.requestsPerSecond,
      "CPU µs/request": ours.microsecondsPerRequest,
      "bare CPU µs/request": limit.microsecondsPerRequest,
    },
    checks: [
      {
        what: "throughput, share of bare",
        value: share.requestsPerSecond,
        limit: limits.throughput,
        rule: "at least",
      },
      {
        what: "CPU, times bare",
        value: share.microsecondsPerRequest,
        limit: limits.cpu,
        rule: "at most",
      },
    ],
    notes: [],
  };
}
