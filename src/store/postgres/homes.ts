import { SHARDS } from "../../core/operation/id.ts";

/**
 * The length of a turn, in which one process is notified of all new work, so that it can claim it
 * together.
 */
export const TURN_MS = 20;

const GATHER_MS_MAX = 2;

/** A live process, and the methods that it runs; none for a process that only answers calls. */
export interface Home {
  readonly name: string;
  readonly methods: ReadonlySet<string>;
}

/**
 * Chooses the process to wake for work of a shard or of a moment.
 *
 * Rendezvous hashing: for each shard every process has a rank, a function of both names alone. The
 * process of the best rank that runs the method *owns* the shard. Processes that know the same
 * processes agree, and each owns about the same number of shards. When a process comes or goes,
 * only the shards that it owns change their owner.
 *
 * The choice is only a guess: any process may claim any work. A wrong guess costs a poll interval.
 */
export class Homes {
  readonly #homes: readonly Home[];
  readonly #origins: ReadonlySet<number>;
  /** For each shard: the live processes, best rank first. Computed on demand. */
  readonly #orders: (readonly Home[] | undefined)[] = [];

  constructor(homes: readonly Home[]) {
    this.#homes = homes;
    this.#origins = new Set(homes.map(({ name }) => originOfName(name)));
  }

  /** Whether a live process uses this origin in its ids. */
  hasOrigin(origin: number): boolean {
    return this.#origins.has(origin);
  }

  /** The number of live processes, optionally only those that run a method. */
  count(method?: string): number {
    return method === undefined ? this.#homes.length : this.#homes.filter(runs(method)).length;
  }

  /**
   * How long a busy process waits for more commands to execute them together: with many processes
   * each has few commands, and a statement costs almost the same whatever its size. With one or two
   * processes there is no wait.
   */
  get gatherMs(): number {
    return Math.min(Math.max(0, Math.ceil(this.#homes.length / 2) - 1), GATHER_MS_MAX);
  }

  /** The owner of a shard; undefined if no known process runs the method. */
  owner(method: string, shard: number): string | undefined {
    return this.#order(shard).find(runs(method))?.name;
  }

  /**
   * The process to notify of work that is stored at a time, whatever its shard: each turn belongs
   * to the owner of the next shard.
   */
  ownerAt(method: string, time: number): string | undefined {
    return this.owner(method, Math.floor(time / TURN_MS) % SHARDS);
  }

  /**
   * The next process after another in the cyclic order of a shard; undefined if no other process
   * runs the method.
   */
  next(method: string, shard: number, name: string): string | undefined {
    const order = this.#order(shard);
    const place = order.findIndex((each) => each.name === name);
    const behind = [...order.slice(place + 1), ...order.slice(0, Math.max(place, 0))];
    return behind.find(runs(method))?.name;
  }

  /**
   * The index of a process among all, equal in all processes with the same knowledge; -1 if
   * unknown.
   */
  place(name: string): number {
    return this.#homes
      .map((each) => each.name)
      .toSorted()
      .indexOf(name);
  }

  #order(shard: number): readonly Home[] {
    return (this.#orders[shard] ??= this.#homes
      .map((home) => ({ home, rank: rankOf(home.name, shard) }))
      .toSorted((a, b) => b.rank - a.rank || (a.home.name < b.home.name ? -1 : 1))
      .map(({ home }) => home));
  }
}

function runs(method: string): (home: Home) => boolean {
  return ({ methods }) => methods.has(method);
}

/**
 * The origin byte of a process. Two processes may share one; each then also receives the other's
 * ends.
 */
export function originOfName(name: string): number {
  return rankOf(name, SHARDS) & 0xff;
}

/**
 * FNV-1a, followed by the last steps of MurmurHash3, so that similar names and shards get very
 * different ranks.
 */
function rankOf(name: string, shard: number): number {
  let hash = Math.imul(0x811c9dc5 ^ shard, 0x01000193);
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
