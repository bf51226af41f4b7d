import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Measure, median, type Setting, startServer } from "../measure.ts";
import { type Program, SOURCES } from "../processes/build.ts";

export const startUp: Measure = {
  name: "start-up",
  title: "Start-up to the first answer, and idle memory",
  async run(setting) {
    const times = Math.max(5, setting.size.runs);
    const [built, sources, node]: [number[], number[], number[]] = [[], [], []];
    for (let run = 0; run < times; run++) {
      built.push(await firstAnswerMs(setting, setting.program));
      sources.push(await firstAnswerMs(setting, SOURCES));
      node.push(await emptyNodeMs());
    }
    return {
      figures: {
        "ms to the first answer": median(built),
        "ms, run from its sources": median(sources),
        "ms, node without a program": median(node),
        "idle MiB": await idleMebibytes(setting),
      },
      checks: [{ what: "ms to the first answer", value: median(built), limit: 400, rule: "at most" }],
      notes: [
        "The store already exists. The methods are described with zod; the time to load it is included.",
      ],
    };
  },
};

/** From spawning `longrunning serve` to the end of its first answer. */
async function firstAnswerMs({ folder }: Setting, { main, methods }: Program): Promise<number> {
  const store = `sqlite:${join(folder, "start-up.db")}`;
  const words = ["serve", methods, "--store", store, "--port", "0", "--log-format", "json"];
  const began = performance.now();
  const server = spawn(process.execPath, [main, ...words], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(server, "exit");
  const [printed] = (await once(server.stdout, "data")) as [Buffer];
  const url = /http:\S+/.exec(printed.toString("utf8"))?.[0] ?? "";
  await (await fetch(`${url}/v1/operations`)).text();
  const elapsedMs = performance.now() - began;
  server.kill("SIGTERM");
  await ended;
  return elapsedMs;
}

async function emptyNodeMs(): Promise<number> {
  const began = performance.now();
  await once(spawn(process.execPath, ["--eval", "0"], { stdio: "ignore" }), "exit");
  return performance.now() - began;
}

async function idleMebibytes(setting: Setting): Promise<number> {
  await using server = await startServer(setting);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const { residentBytes } = await server.ask("cpu");
  return residentBytes / 1_048_576;
}
