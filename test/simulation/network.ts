import { storeUnavailable } from "../../src/store/fault.ts";
import type { Dice } from "./dice.ts";
import type { FaultPlan } from "./faults.ts";
import type { Life } from "./life.ts";
import type { World } from "./world.ts";

/** A fault of one call. */
export type CallFault = Extract<FaultPlan, { readonly call: number }>;

/** How long a call waits for an answer that does not come. */
const ANSWER_MS = 600;

/** The state that all links share. */
export interface Network {
  readonly world: World;
  readonly latencyMs: number;
  /** The database cannot be reached before this instant of the world. */
  downUntil: number;
  /** Whether faults have stopped. */
  isHealed: boolean;
  /** Called for each fault that strikes. */
  readonly strike: (fault: FaultPlan) => void;
}

/**
 * The link between the processes of one place and the database. It outlives its process, and
 * continues to count calls with the next one.
 */
export class Link {
  readonly #network: Network;
  readonly #dice: Dice;
  readonly #faults: ReadonlyMap<number, CallFault>;
  #calls = 0;

  constructor(network: Network, dice: Dice, faults: readonly CallFault[]) {
    this.#network = network;
    this.#dice = dice;
    this.#faults = new Map(faults.map((fault) => [fault.call, fault]));
  }

  /**
   * Sends work to the database. @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE; and the errors
   * of `work`
   */
  call<Answer>(life: Life, work: () => Answer): Promise<Answer> {
    const fault = this.#next(life);
    if (life.isDead) return new Promise(() => {});
    const { world } = this.#network;
    return new Promise((resolve, reject) => {
      const refuse = (afterMs: number): void =>
        void world.after(afterMs, life, () => reject(storeUnavailable(fault?.kind ?? "outage")));
      if (fault?.kind === "refuse") return refuse(this.#latency());
      if (fault?.kind === "lose-request") return refuse(ANSWER_MS);
      world.after(this.#latency(fault), undefined, () => {
        if (this.#network.downUntil > world.now) return refuse(this.#latency());
        let answer: Answer;
        try {
          answer = work();
        } catch (error) {
          world.after(this.#latency(), life, () => reject(error));
          return;
        }
        if (fault?.kind === "lose-answer") refuse(ANSWER_MS);
        else if (fault?.kind === "die") life.die();
        else world.after(this.#latency(fault), life, () => resolve(answer));
      });
      if (fault?.kind === "die" && fault.when === "sent") life.die();
    });
  }

  /** Sends something that is not answered. */
  send(life: Life, delayMs: number, arrive: () => void): void {
    this.#network.world.after(this.#latency() + delayMs, life, arrive);
  }

  #next(life: Life): CallFault | undefined {
    if (life.isDead) return undefined;
    const fault = this.#network.isHealed ? undefined : this.#faults.get(this.#calls);
    this.#calls++;
    if (fault === undefined) return undefined;
    this.#network.strike(fault);
    if (fault.kind === "freeze") life.freeze(fault.ms);
    if (fault.kind === "die" && fault.when === "unsent") life.die();
    return fault;
  }

  #latency(fault?: CallFault): number {
    const { latencyMs } = this.#network;
    const usualMs = latencyMs === 0 ? 0 : this.#dice.from(0, latencyMs);
    return fault?.kind === "slow" ? usualMs + fault.ms : usualMs;
  }
}
