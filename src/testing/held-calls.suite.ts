/**
 * Slow calls: a test holds a call before it is sent, or its answer after its effect, while other
 * events happen. The port itself stays the real one.
 */

/** Before a call is sent, or between its effect and its answer. */
export type Moment = "call" | "answer";

/**
 * Called at both moments of every call, which continues when it resolves. A rejection goes to the
 * caller.
 */
export type Pass = (name: string, moment: Moment) => Promise<void>;

/** One moment of one call. */
export interface Held {
  /** Resolves when the call has reached this moment. */
  readonly reached: Promise<void>;
  /** Lets the call continue. */
  go(): void;
  /** Loses the call: it is not sent, or its answer does not arrive. */
  lose(error: Error): void;
}

interface Hold extends Held {
  readonly name: string;
  readonly moment: Moment;
  readonly reach: () => Promise<void>;
}

/** The held calls of a test. */
export class HeldCalls {
  readonly #coming: Hold[] = [];
  readonly #held = new Set<Hold>();

  readonly pass: Pass = (name, moment) => {
    const index = this.#coming.findIndex((hold) => hold.name === name && hold.moment === moment);
    const [hold] = index < 0 ? [] : this.#coming.splice(index, 1);
    return hold?.reach() ?? Promise.resolve();
  };

  /**
   * Holds a call by name at a moment: the next one, or the one after those that are already to be
   * held.
   */
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
    // It may be lost before it arrives, when nobody listens yet.
    gone.promise.catch(() => {});
    this.#coming.push(hold);
    return hold;
  }

  /** The number of held calls. */
  get count(): number {
    return this.#held.size;
  }
}

/** The name of a call: the verb of its command if it has one, otherwise its method. */
function nameOf(method: string, given: readonly unknown[]): string {
  const [first] = given;
  const verb = typeof first === "object" && first !== null && "verb" in first ? first.verb : undefined;
  return typeof verb === "string" ? verb : method;
}

/** From now on, holds some methods of a port at both moments. @returns the port */
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
