import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { Connection } from "../../load/connection.ts";
import type { LoadGenerator } from "../../load/load.ts";
import { findWrk } from "../../load/wrk.ts";
import { median } from "../../measure.ts";
import { cpuMs } from "../cpu.ts";
import { startProcess } from "../process.ts";
import type { Opened } from "../stores/store.ts";
import type { Further } from "./further.ts";
import { allDone, callsOf, Ours, startMany } from "./ours.ts";

const SERVER = fileURLToPath(new URL("./query-server.ts", import.meta.url));
const CALLERS = 64;
/** The number of distinct operations that are read. */
const DIFFERENT = 10_000;
/** A stride that shares no divisor with their number, so that the order defeats caches. */
const STRIDE = 7_919;
const TURNS = 5;
const SECONDS = 2;

/** One of the two servers. */
interface Side {
  readonly url: string;
  readonly pid: number;
}

export const get: Further = {
  name: "get",
  title: "GET by name, 64 callers, against a `node:http` server that makes one query for each request",
  async run(stage) {
    const store = await stage.database();
    await using ours = new Ours(stage, store);
    const api = await ours.serve("api");
    const worker = await ours.serve("worker");
    const names = await startMany(api.url, callsOf("echo", {}).start, DIFFERENT);
    await allDone(api.url);
    await worker.stop();
    const paths = names.map((name) => `/v1/${name}`);
    await copyAnswers(api.url, store, paths);
    const words = [SERVER, store.address];
    const server = await startProcess({ program: process.execPath, words, ready: /http:\/\/[\d.:]+/ });
    try {
      const url = /http:\/\/[\d.:]+/.exec(server.printed)?.[0] ?? "";
      const generator = (await findWrk(stage.folder)) ?? connectionGenerator;
      return await compare(generator, store, { paths, api, queries: { url, pid: server.pid } });
    } finally {
      await server.stop();
    }
  },
};

async function compare(
  generator: LoadGenerator,
  store: Opened,
  sides: { readonly paths: readonly string[]; readonly api: Side; readonly queries: Side },
) {
  const [ours, theirs]: [Taken[], Taken[]] = [[], []];
  for (let turn = 0; turn <= TURNS; turn++) {
    const own = await take(generator, store, { ...sides, side: sides.api });
    const other = await take(generator, store, { ...sides, side: sides.queries });
    // The first turns only warm up.
    if (turn > 0) [ours, theirs].forEach((taken, index) => taken.push(index === 0 ? own : other));
  }
  const ratios = ours.map((own, index) => own.perSecond / (theirs[index]?.perSecond ?? Number.NaN));
  return {
    figures: {
      "requests/s": median(ours.map((each) => each.perSecond)),
      "requests/s, one query each": median(theirs.map((each) => each.perSecond)),
      "CPU µs/request, server and database": median(ours.map((each) => each.microseconds)),
      "CPU µs/request, one query each": median(theirs.map((each) => each.microseconds)),
    },
    checks: [
      {
        what: "throughput, times one query each",
        value: median(ratios),
        limit: 3,
        rule: "at least" as const,
      },
    ],
    notes: [
      `${DIFFERENT} different operations, in alternating turns of ${SECONDS} s; both answer with the same bytes.`,
    ],
  };
}

/** The result of a turn. */
interface Taken {
  readonly perSecond: number;
  readonly microseconds: number;
}

async function take(
  generator: LoadGenerator,
  store: Opened,
  { paths, side }: { readonly paths: readonly string[]; readonly side: Side },
): Promise<Taken> {
  const pids = [side.pid, ...store.pids];
  const before = cpuMs(pids);
  const load = { url: side.url, paths, connections: CALLERS, seconds: SECONDS };
  const { requests, requestsPerSecond, failures } = await generator.run(load);
  if (failures > 0) throw new Error(`${failures} requests failed`);
  return { perSecond: requestsPerSecond, microseconds: ((cpuMs(pids) - before) * 1_000) / requests };
}

/**
 * Used if wrk is not installed: it costs less than autocannon, but still as much as the server
 * under load.
 */
const connectionGenerator: LoadGenerator = {
  name: "from this repository, one process",
  async run({ url, paths, connections, seconds }) {
    const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url)));
    const began = performance.now();
    let requests = 0;
    let failures = 0;
    const getUntilOver = async (connection: Connection): Promise<void> => {
      while (performance.now() - began < seconds * 1_000) {
        const { status } = await connection.call(paths[(requests++ * STRIDE) % paths.length] ?? "");
        if (status !== 200) failures++;
      }
      connection.close();
    };
    await Promise.all(open.map(getUntilOver));
    return { requests, requestsPerSecond: (requests / (performance.now() - began)) * 1_000, failures };
  },
};

/** The answers of the other server, in a table of its own. */
async function copyAnswers(url: string, store: Opened, paths: readonly string[]): Promise<void> {
  const sql = postgres(store.address, { max: 1, onnotice: () => {} });
  await sql`create table answers (path text primary key, body text not null)`;
  for (let from = 0; from < paths.length; from += 500) {
    const part = paths.slice(from, from + 500);
    const bodies = await Promise.all(part.map(async (path) => (await fetch(`${url}${path}`)).text()));
    await sql`insert into answers ${sql(part.map((path, index) => ({ path, body: bodies[index] ?? "" })))}`;
  }
  await sql`vacuum analyze answers`;
  await sql.end();
}
