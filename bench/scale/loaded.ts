import { median } from "../measure.ts";
import type { Program } from "../processes/build.ts";
import type { LoadedRow } from "./result.ts";
import { Service, type Shape } from "./service.ts";
import type { ScaleSize } from "./size.ts";
import type { ScaleStore } from "./stores.ts";

/** The same for every shape. */
export const CALLERS = 32;

/** The first shape is the one with which the last is compared. */
const SHAPES: readonly Shape[] = [
  { apis: 1, workers: 1 },
  { apis: 2, workers: 2 },
  { apis: 4, workers: 4 },
  { apis: 3, workers: 4 },
];

interface Contestant {
  readonly shape: Shape;
  readonly service: Service;
  readonly address: string;
  readonly turns: Turn[];
}

/** The figures of one shape in one round, for each operation. */
interface Turn {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU of our processes, and of the database. */
  readonly ours: number;
  readonly database: number;
  readonly counted: number;
}

/** What is compared with the limits: CPU of an operation with the last shape, as a multiple of that with the first. */
export interface Ratios {
  readonly ours: number;
  readonly all: number;
}

/**
 * Loads services of several shapes in turns, each with a database of its own. All run all the time,
 * so that the cost of idle services, and disturbances of the machine, affect all of them.
 */
export async function measureLoaded(
  store: ScaleStore,
  program: Program,
  size: ScaleSize,
): Promise<{ readonly rows: readonly LoadedRow[]; readonly ratios: Ratios }> {
  await using services = new AsyncDisposableStack();
  const contestants: Contestant[] = [];
  for (const shape of SHAPES) {
    const address = await store.database();
    const service = services.use(await Service.start({ program, address, shape }));
    await warmUp(service, shape, size);
    contestants.push({ shape, service, address, turns: [] });
  }
  for (let round = 0; round < size.rounds; round++) {
    for (const each of round % 2 === 0 ? contestants : contestants.toReversed())
      each.turns.push(await turnOf(each, store, size.seconds));
  }
  return { rows: contestants.map(rowOf), ratios: ratiosOf(contestants) };
}

/**
 * V8 compiles code that has run often. If many processes share the load, each runs less in a
 * second. All processes must have run equally often when they are measured.
 */
async function warmUp(service: Service, { apis, workers }: Shape, size: ScaleSize): Promise<void> {
  const wanted = size.warmUpOperations * Math.max(apis, workers);
  for (let done = 0; done < wanted; ) done += (await service.load(CALLERS, size.seconds)).operations;
}

async function turnOf({ service, address }: Contestant, store: ScaleStore, seconds: number): Promise<Turn> {
  const before = { ours: service.cpuMs(), database: store.cpuMs(), counted: await store.count(address) };
  const { operations, perSecond, p50Ms, p99Ms } = await service.load(CALLERS, seconds);
  const [ours, database] = [service.cpuMs() - before.ours, store.cpuMs() - before.database];
  const counted = (await store.count(address)) - before.counted;
  return {
    perSecond,
    p50Ms,
    p99Ms,
    ours: (ours * 1_000) / operations,
    database: (database * 1_000) / operations,
    counted: counted / operations,
  };
}

function rowOf({ shape, turns }: Contestant): LoadedRow {
  const middle = (pick: (turn: Turn) => number): number => median(turns.map(pick));
  return {
    ...shape,
    perSecond: middle((turn) => turn.perSecond),
    p50Ms: middle((turn) => turn.p50Ms),
    p99Ms: middle((turn) => turn.p99Ms),
    ours: middle((turn) => turn.ours),
    database: middle((turn) => turn.database),
    counted: middle((turn) => turn.counted),
  };
}

function ratiosOf(contestants: readonly Contestant[]): Ratios {
  const [first, last] = [contestants.at(0)?.turns ?? [], contestants.at(-1)?.turns ?? []];
  const ratio = (cost: (turn: Turn) => number): number =>
    median(last.map((turn, round) => cost(turn) / cost(first[round] ?? turn)));
  return { ours: ratio(({ ours }) => ours), all: ratio(({ ours, database }) => ours + database) };
}
