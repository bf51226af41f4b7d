import { setTimeout as pause } from "node:timers/promises";
import { type Child, startChild } from "../../bench/processes/child.ts";
import { endWithUs } from "../support/end-with-us.ts";
import { MAIN } from "../support/server-process.ts";
import { fileURLToPath } from "node:url";
import { Dice } from "./dice.ts";
import type { Outcome } from "./grpc.ts";
import { limitRequest } from "./limit-inputs.ts";
import { sendRequest } from "./limit-send.ts";
import { limitStreams } from "./limit-streams.ts";
import { type SecondCaller, startSecondCaller } from "./second-caller.ts";
import { anonymousBytes, isProblem, mebibytes } from "./watch.ts";

/** The aim: no input may hold up others for longer. */
const DELAY_MS_AIM = 50;
/**
 * The limit: many times the aim, because other work on the machine causes delays too. Inputs above
 * the aim are listed.
 */
const DELAY_MS_MAX = 1_000;
/**
 * An input above the aim is sent again, and the best result counts, because only the input's own
 * cost is in all results.
 */
const ATTEMPTS = 3;
/**
 * Allowed growth above the warm server's memory, after a garbage collection: some caches are not
 * full yet.
 */
const GROWTH_BYTES_MAX = 96 * 1_048_576;
/** The share of inputs for the warm-up: during it, code is compiled and caches fill. */
const WARM_SHARE = 0.5;
/** The time for work that follows an answer. */
const REST_MS = 50;
const STREAMS_SHARE = 0.25;
/** A method that responds with its request, which may not be a valid response. */
const OWN_FAILURE = /TypeError: Response of \\"look\\": /;
const METHODS = fileURLToPath(new URL("../growth/methods.ts", import.meta.url));

export interface LimitOptions {
  readonly folder: string;
  readonly seed: number;
  readonly inputs: number;
  /** The number of the first input. */
  readonly from: number;
  readonly told: (line: string) => void;
}

interface Judged {
  readonly index: number;
  readonly kind: string;
  readonly status: string;
  /** The second caller's longest delay, in the first attempt and in the best one. */
  readonly firstMs: number;
  readonly bestMs: number;
}

/**
 * Sends inputs as large as the server reads, one after the other, while a second caller reads an
 * operation. The verdict depends on the second caller's delay, and on the memory that the server
 * holds in the end.
 *
 * @returns the problems that were found; none if all is well
 */
export async function limitCampaign(options: LimitOptions): Promise<readonly string[]> {
  const { folder, told, inputs } = options;
  const store = `sqlite:${folder}/limits.db`;
  const words = ["serve", METHODS, "--store", store, "--port", "0", "--jsonp"];
  await using server = await startChild(MAIN, [...words, "--log-level", "error", "--log-format", "json"]);
  endWithUs(server.process, "SIGKILL");
  const run = new LimitRun(server, options);
  await run.begin();
  told(`idle: ${percentiles(await run.idle())}`);
  const memory = [await run.memory()];
  for (let sent = 0; sent < inputs && !run.dead; sent++) {
    if (sent === Math.floor(inputs * WARM_SHARE)) memory.push(await run.memory());
    await run.input(options.from + sent);
    if ((sent + 1) % 100 === 0) told(`${sent + 1} inputs at limits`);
  }
  memory.push(await run.memory());
  return run.end(memory);
}

class LimitRun {
  readonly #server: Child;
  readonly #options: LimitOptions;
  readonly #port: number;
  readonly #delays: number[] = [];
  readonly #judged: Judged[] = [];
  readonly #problems: string[] = [];
  #log = "";
  #name = "";
  #caller: SecondCaller | undefined;

  constructor(server: Child, options: LimitOptions) {
    this.#server = server;
    this.#options = options;
    this.#port = Number(new URL(server.url).port);
    server.process.stderr?.on("data", (text: string) => (this.#log += text));
  }

  get dead(): boolean {
    return this.#server.process.exitCode !== null || this.#server.process.signalCode !== null;
  }

  async begin(): Promise<void> {
    const { url } = this.#server;
    const headers = { "content-type": "application/json" };
    const started = await fetch(`${url}/v1:strict`, { method: "POST", body: "{}", headers });
    this.#name = ((await started.json()) as { readonly name: string }).name;
    this.#caller = startSecondCaller(`${url}/v1/${this.#name}`);
  }

  async idle(): Promise<readonly number[]> {
    await pause(1_000);
    await this.#read();
    await pause(2_000);
    return this.#read();
  }

  /** After a garbage collection, which holds up all callers. */
  async memory(): Promise<number> {
    if (this.dead) return 0;
    await this.#server.ask("memory");
    const { residentBytes } = await this.#server.ask("memory");
    await this.#read();
    return anonymousBytes(this.#server.process.pid) ?? residentBytes;
  }

  async input(index: number): Promise<void> {
    const { kind, send } = this.#make(index);
    const worst: number[] = [];
    let outcome: Outcome = { status: "none" };
    while (worst.length < ATTEMPTS && !this.dead) {
      outcome = await send();
      if (outcome.problem !== undefined) this.#problems.push(`input ${index} (${kind}): ${outcome.problem}`);
      await pause(REST_MS);
      const delays = await this.#read();
      this.#delays.push(...delays);
      worst.push(Math.max(0, ...delays));
      if ((worst.at(-1) ?? 0) <= DELAY_MS_AIM) break;
    }
    const bestMs = Math.min(...worst);
    this.#judged.push({ index, kind, status: outcome.status, firstMs: worst[0] ?? 0, bestMs });
    if (bestMs > DELAY_MS_MAX)
      this.#problems.push(`input ${index} (${kind}) held up a second caller for ${bestMs.toFixed(0)} ms`);
  }

  /** Prints the observations, and returns the violations. */
  end(memory: readonly number[]): readonly string[] {
    const { told, seed } = this.#options;
    this.#caller?.[Symbol.dispose]();
    const sent = this.#judged.length;
    const within = (key: "firstMs" | "bestMs"): string => {
      const count = this.#judged.filter((judged) => judged[key] <= DELAY_MS_AIM).length;
      return `${((100 * count) / sent).toFixed(1)} %`;
    };
    told(`${sent} inputs at limits; the second caller: ${percentiles(this.#delays)}`);
    told(
      `inputs that held it up for ${DELAY_MS_AIM} ms at most: ${within("bestMs")}, at the first try ${within("firstMs")}`,
    );
    const slow = this.#judged
      .filter(({ bestMs }) => bestMs > DELAY_MS_AIM)
      .toSorted((a, b) => b.bestMs - a.bestMs);
    for (const { index, kind, status, bestMs } of slow)
      told(
        `  ${bestMs.toFixed(0)} ms: --limits --seed ${seed} --from ${index} --inputs 1 (${kind}; status ${status})`,
      );
    told(`memory after a collection: ${memory.map(mebibytes).join(" → ")} MiB`);
    const [warm = 0, last = 0] = memory.slice(-2);
    if (last - warm > GROWTH_BYTES_MAX)
      this.#problems.push(`Memory grew from ${mebibytes(warm)} to ${mebibytes(last)} MiB`);
    if (this.dead) this.#problems.push(`The server ended:\n${this.#log.slice(-3_000)}`);
    const logged = this.#log
      .split("\n")
      .filter((line) => line !== "" && isProblem(line) && !OWN_FAILURE.test(line));
    this.#problems.push(...logged.slice(0, 10).map((line) => `The server logged: ${line.slice(0, 2_000)}`));
    return this.#problems;
  }

  #make(index: number): { readonly kind: string; readonly send: () => Promise<Outcome> } {
    const dice = new Dice(this.#options.seed * 1_000_003 + index);
    if (dice.chance(STREAMS_SHARE)) {
      const streams = limitStreams(dice, this.#name);
      return { kind: streams.kind, send: () => streams.send(this.#port) };
    }
    const request = limitRequest(dice, this.#name);
    const start = `${request.method} ${request.path.slice(0, 60)}`;
    const body = request.body === undefined ? "" : `, ${request.body.length}: ${request.body.slice(0, 60)}`;
    return {
      kind: JSON.stringify(`${request.kind}: ${start}${body}`),
      send: () => sendRequest(this.#port, request),
    };
  }

  async #read(): Promise<readonly number[]> {
    const delays = (await this.#caller?.delays()) ?? [];
    for (const problem of this.#caller?.problems() ?? [])
      this.#problems.push(`The second caller: ${problem}`);
    return delays;
  }
}

function percentiles(delays: readonly number[]): string {
  const sorted = delays.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  const within = sorted.filter((delay) => delay <= DELAY_MS_AIM).length / sorted.length;
  return `${sorted.length} answers, median ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${at(1)} ms, ${(100 * within).toFixed(2)} % within ${DELAY_MS_AIM} ms`;
}
