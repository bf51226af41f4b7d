import { join } from "node:path";
import { Connection } from "../load/connection.ts";
import { type Measure, median, quantile, type Setting } from "../measure.ts";
import { type Child, startBare, startChild } from "../processes/child.ts";

/** The time that a typical upstream takes to answer: a database lookup and a little more. */
const WORK_MS = 2;
const BODY = JSON.stringify({ text: "What was asked for comes back." });
const ANSWER = {
  headers: { "content-type": "application/json", "content-length": String(BODY.length) },
  body: BODY,
  parses: false,
};

export const proxy: Measure = {
  name: "proxy",
  title:
    "GETs that pass through the proxy, and the same without it: one caller, an upstream in a process of its own",
  async run(setting) {
    await using idle = await startBare(ANSWER);
    await using busy = await startBare({ ...ANSWER, delayMs: WORK_MS });
    await using beforeIdle = await startProxy(setting, idle.url);
    await using beforeBusy = await startProxy(setting, busy.url);
    const servers = [idle, beforeIdle, busy, beforeBusy];
    const turns: number[][] = [];
    const { rounds, seconds, warmUpSeconds } = setting.size;
    for (const server of servers) await p50Of(server, warmUpSeconds);
    for (let round = 0; round < rounds; round++) {
      const turn: number[] = [];
      for (const server of servers) turn.push(await p50Of(server, seconds));
      turns.push(turn);
    }
    const at = (index: number): number => median(turns.map((turn) => turn[index] ?? Number.NaN));
    const times = (one: number, other: number): number =>
      median(turns.map((turn) => (turn[one] ?? Number.NaN) / (turn[other] ?? Number.NaN)));
    return {
      figures: {
        "an upstream that does nothing, direct: p50 ms": at(0),
        "through the proxy: p50 ms": at(1),
        "times direct": times(1, 0),
        [`an upstream that takes ${WORK_MS} ms, direct: p50 ms`]: at(2),
        "through the proxy (2): p50 ms": at(3),
      },
      checks: [
        {
          what: `p50 before an upstream that takes ${WORK_MS} ms, times direct`,
          value: times(3, 2),
          limit: 1.5,
          rule: "at most",
        },
      ],
      notes: [
        "Before an upstream that does nothing a second hop alone is twice the way, whatever passes it on.",
      ],
    };
  },
};

function startProxy({ program, folder }: Setting, upstream: string): Promise<Child> {
  const store = `sqlite:${join(folder, `proxy-${new URL(upstream).port}.db`)}`;
  const flags = [
    "--store",
    store,
    "--port",
    "0",
    "--drain",
    "10ms",
    "--log-format",
    "json",
    "--log-level",
    "warn",
  ];
  return startChild(program.main, ["proxy", "--upstream", upstream, ...flags]);
}

/**
 * One caller that sends the next request after each answer. @throws {Error} if an answer is not a
 * 200
 */
async function p50Of({ url }: Child, seconds: number): Promise<number> {
  const connection = await Connection.open(url);
  const delays: number[] = [];
  try {
    for (const end = performance.now() + seconds * 1_000; performance.now() < end; ) {
      const began = performance.now();
      const { status, body } = await connection.call("/");
      if (status !== 200 || body !== BODY) throw new Error(`${url} answered ${status} ${body}`);
      delays.push(performance.now() - began);
    }
  } finally {
    connection.close();
  }
  return quantile(delays, 0.5);
}
