import { quantile } from "../measure.ts";
import { Connection } from "./connection.ts";

/** What callers experienced who started operations at a steady rate. */
export interface SteadyStarts {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const BODY = JSON.stringify({ text: "What was asked for comes back." });
const TICK_MS = 10;

/**
 * Starts operations at a steady rate, however slowly they are answered. A delay counts from the
 * scheduled instant of the start, so it includes the time for which a start was held up by the one
 * before.
 */
export class SteadyCallers implements AsyncDisposable {
  readonly #url: string;
  readonly #perTick: number;
  readonly #free: Connection[] = [];
  readonly #delays: number[] = [];
  readonly #underWay = new Set<Promise<void>>();
  readonly #began = performance.now();
  readonly #timer: NodeJS.Timeout;
  #ticks = 0;
  #failure: unknown;

  /** @param perSecond a multiple of 100 */
  constructor(url: string, perSecond: number) {
    this.#url = url;
    this.#perTick = (perSecond * TICK_MS) / 1_000;
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /**
   * Stops starting operations. Also called if a measure fails; otherwise the load would never end.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    for (const connection of this.#free.splice(0)) connection.close();
  }

  /** @throws {Error} if a start failed */
  async stop(): Promise<SteadyStarts> {
    await this[Symbol.asyncDispose]();
    if (this.#failure !== undefined) throw this.#failure;
    const delays = this.#delays;
    return {
      count: delays.length,
      p50: quantile(delays, 0.5),
      p99: quantile(delays, 0.99),
      max: Math.max(...delays),
    };
  }

  #tick(): void {
    for (const now = performance.now(); this.#began + this.#ticks * TICK_MS <= now; this.#ticks++) {
      const due = this.#began + this.#ticks * TICK_MS;
      for (let index = 0; index < this.#perTick; index++) this.#begin(due);
    }
  }

  #begin(due: number): void {
    const call = this.#call(due)
      .catch((error: unknown) => void (this.#failure = error))
      .finally(() => this.#underWay.delete(call));
    this.#underWay.add(call);
  }

  async #call(due: number): Promise<void> {
    const connection = this.#free.pop() ?? (await Connection.open(this.#url));
    const { status, body } = await connection.call("/v1:echo", { body: BODY });
    this.#delays.push(performance.now() - due);
    this.#free.push(connection);
    if (status !== 200) throw new Error(`A start was answered with ${status}: ${body}`);
  }
}
