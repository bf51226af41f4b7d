/**
 * Calls that take their time: a test holds a call before it is sent, or its answer after it was carried out, and lets things
 * happen meanwhile. The port behind them stays the real one.
 */

/** Before a call is sent, or between its effect and its answer. */
export type Moment = "call" | "answer";

/** Is asked at both moments of every call, which goes on once it has resolved. A rejection is what the caller gets. */
export type Pass = (name: string, moment: Moment) => Promise<void>;

/** One moment of one call. */
export interface Held {
  /** Resolves when the call has come so far. */
  readonly reached: Promise<void>;
  /** Lets it go on. */
  go(): void;
  /** Loses it: it is not sent, or its answer is not heard. */
  lose(error: Error): void;
}

interface Hold extends Held {
  readonly name: string;
  readonly moment: Moment;
  readonly reach: () => Promise<void>;
}

/** The calls that a test holds. */
export class HeldCalls {
  readonly #coming: Hold[] = [];
  readonly #held = new Set<Hold>();

  readonly pass: Pass = (name, moment) => {
    const index = this.#coming.findIndex((hold) => hold.name === name && hold.moment === moment);
    const [hold] = index < 0 ? [] : this.#coming.splice(index, 1);
    return hold?.reach() ?? Promise.resolve();
  };

  /** Holds a call by name at a moment: the next one, or, where some are to be held already, the one after them. */
  hold(name: string, moment: Moment): Held {
    const reached = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const hold: Hold = {
      name,
      moment,
      reached: reached.promise,
      go: () => gone.resolve(),
      lose: (error) => gone.reject(error),
      reach: () => {
        this.#held.add(hold);
        reached.resolve();
        return gone.promise.finally(() => this.#held.delete(hold));
      },
    };
    // Lost before it has come: nobody hears of it yet.
    gone.promise.catch(() => {});
    this.#coming.push(hold);
    return hold;
  }

  /** Calls that are held now. */
  get count(): number {
    return this.#held.size;
  }
}

/** What a call is told by: the verb of its command where it has one, else its method. */
function nameOf(method: string, given: readonly unknown[]): string {
  const [first] = given;
  const verb = typeof first === "object" && first !== null && "verb" in first ? first.verb : undefined;
  return typeof verb === "string" ? verb : method;
}

/** Has the calls of some methods of a port pass twice, from now on. @returns the port */
export function passing<Port extends object>(
  port: Port,
  methods: readonly (keyof Port & string)[],
  pass: Pass,
): Port {
  for (const method of methods) {
    const call = (port[method] as (...given: unknown[]) => Promise<unknown>).bind(port);
    const slow = async (...given: unknown[]): Promise<unknown> => {
      const name = nameOf(method, given);
      await pass(name, "call");
      const answer = await call(...given);
      await pass(name, "answer");
      return answer;
    };
    Object.assign(port, { [method]: slow });
  }
  return port;
}
