import { Connection } from "../load/connection.ts";
import { type Measure, median, quantile, type Setting, startOperation } from "../measure.ts";
import { type Child, startPort } from "../processes/child.ts";

const GREEDY = 64;
/** Calls a second that each caller is allowed to make. */
const PER_SECOND = 20;
/** Longer than any other measure, because the caller within its quota makes few calls. */
const SECONDS = 15;

export const quotas: Measure = {
  name: "quotas",
  title: `GETs of a caller within its quota (${PER_SECOND} a second), alone and beside ${GREEDY} that call all the time`,
  async run(setting) {
    const { runs, seconds } = setting.size;
    const alone: Delays[] = [];
    const beside: Delays[] = [];
    const greedy: Greedy[] = [];
    for (let run = 0; run < runs; run++) {
      await using server = await limited(setting);
      const path = await startOperation(server.url, "echo", { text: "What was asked for comes back." });
      await modest(server, path, seconds);
      alone.push(await modest(server, path, SECONDS * seconds));
      await using crowd = await Crowd.open(server, path);
      await modest(server, path, seconds);
      beside.push(await modest(server, path, SECONDS * seconds));
      greedy.push(crowd.counted());
    }
    const [p99Alone, p99Beside] = [alone, beside].map((each) => median(each.map(({ p99 }) => p99)));
    return {
      figures: {
        "alone: p50 ms": median(alone.map(({ p50 }) => p50)),
        "alone: p99 ms": p99Alone ?? Number.NaN,
        "beside: p50 ms": median(beside.map(({ p50 }) => p50)),
        "beside: p99 ms": p99Beside ?? Number.NaN,
        "greedy: answers/s": median(greedy.map(({ answered }) => answered)),
        "greedy: refusals/s": median(greedy.map(({ refused }) => refused)),
      },
      checks: [
        {
          what: "p99, times alone",
          value: median(beside.map(({ p99 }, run) => p99 / (alone[run]?.p99 ?? Number.NaN))),
          limit: 2,
          rule: "at most",
        },
      ],
      notes: [
        "Each caller has an address of its own. A greedy one sends the next call when the last is answered, and does not wait as a refusal asks.",
      ],
    };
  },
};

function limited({ program }: Setting): Promise<Child> {
  const options = { quotas: [{ of: "principal", read: `${PER_SECOND}/s` }] };
  return startPort("unshared", [
    program.modules,
    program.methods,
    "sqlite::memory:",
    JSON.stringify(options),
  ]);
}

interface Delays {
  readonly p50: number;
  readonly p99: number;
}

/** Calls at half of the allowed rate. @throws {Error} if a call is refused */
async function modest({ url }: Child, path: string, seconds: number): Promise<Delays> {
  const connection = await Connection.open(url, "127.0.0.2");
  const delays: number[] = [];
  const began = performance.now();
  for (let call = 0; performance.now() - began < seconds * 1_000; call++) {
    const dueAt = began + (call * 2_000) / PER_SECOND;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
    const sentAt = performance.now();
    const { status, body } = await connection.call(path);
    delays.push(performance.now() - sentAt);
    if (status !== 200) throw new Error(`A call within its quota was answered with ${status}: ${body}`);
  }
  connection.close();
  return { p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}

interface Greedy {
  readonly answered: number;
  readonly refused: number;
}

/** Callers that send calls without a pause. */
class Crowd implements AsyncDisposable {
  readonly #began = performance.now();
  readonly #callers: Promise<void>[] = [];
  #answered = 0;
  #refused = 0;
  #isOver = false;

  static async open({ url }: Child, path: string): Promise<Crowd> {
    const crowd = new Crowd();
    for (let index = 0; index < GREEDY; index++) {
      const connection = await Connection.open(url, `127.0.1.${index + 1}`);
      crowd.#callers.push(crowd.#call(connection, path));
    }
    return crowd;
  }

  /** Calls a second, since the measure began. */
  counted(): Greedy {
    const seconds = (performance.now() - this.#began) / 1_000;
    return { answered: this.#answered / seconds, refused: this.#refused / seconds };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  async #call(connection: Connection, path: string): Promise<void> {
    while (!this.#isOver) {
      const { status } = await connection.call(path);
      if (status === 200) this.#answered++;
      else this.#refused++;
    }
    connection.close();
  }
}
