import { SHARDS } from "../../core/operation/id.ts";

/** So long one process is told of all work that comes: what several store then is claimed together. */
export const TURN_MS = 20;

const GATHER_MS_MAX = 2;

/** A process that lives, and the methods that it runs; none for one that only has callers. */
export interface Home {
  readonly name: string;
  readonly methods: ReadonlySet<string>;
}

/**
 * Which process is woken for the work of a shard, or of a moment.
 *
 * Rendezvous hashing: for each shard every process has a rank, a function of both names alone. The process of the best rank
 * that runs the method *owns* the shard. Two that know the same processes agree, each owns about the same number of shards, and
 * when a process comes or goes, only shards that it owns then or owned before have another owner.
 *
 * A guess, no more: any process may take any work. A wrong one costs a poll interval.
 */
export class Homes {
  readonly #homes: readonly Home[];
  readonly #origins: ReadonlySet<number>;
  /** For each shard: who lives, the best rank first. Made when it is asked for. */
  readonly #orders: (readonly Home[] | undefined)[] = [];

  constructor(homes: readonly Home[]) {
    this.#homes = homes;
    this.#origins = new Set(homes.map(({ name }) => originOfName(name)));
  }

  /** Whether a process that lives puts this origin into its ids. */
  hasOrigin(origin: number): boolean {
    return this.#origins.has(origin);
  }

  /** How many live, of those that run the method where one is given. */
  count(method?: string): number {
    return method === undefined ? this.#homes.length : this.#homes.filter(runs(method)).length;
  }

  /**
   * How long a process that is busy waits for what comes next, to do it together: where many share the load each has little of it,
   * and a statement costs nearly the same whatever it holds. Alone, or with one other, it waits for nothing.
   */
  get gatherMs(): number {
    return Math.min(Math.max(0, Math.ceil(this.#homes.length / 2) - 1), GATHER_MS_MAX);
  }

  /** The owner of a shard; undefined where nobody is known to run the method. */
  owner(method: string, shard: number): string | undefined {
    return this.#order(shard).find(runs(method))?.name;
  }

  /** Who is told of work, of whichever shard, that is stored at a time: a turn goes to the owner of one shard, the next to that of the next. */
  ownerAt(method: string, time: number): string | undefined {
    return this.owner(method, Math.floor(time / TURN_MS) % SHARDS);
  }

  /** Who comes behind a process in the order of a shard, the first behind the last; undefined where nobody else runs the method. */
  next(method: string, shard: number, name: string): string | undefined {
    const order = this.#order(shard);
    const place = order.findIndex((each) => each.name === name);
    const behind = [...order.slice(place + 1), ...order.slice(0, Math.max(place, 0))];
    return behind.find(runs(method))?.name;
  }

  /** The place of a process among all, which is the same for whoever knows the same; -1 for one that is not known. */
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

/** The origin of what a process begins. Two may have the same: each hears of the other's ends then. */
export function originOfName(name: string): number {
  return rankOf(name, SHARDS) & 0xff;
}

/** FNV-1a, and then the last steps of MurmurHash3: names and shards that differ by little have ranks that differ by much. */
function rankOf(name: string, shard: number): number {
  let hash = Math.imul(0x811c9dc5 ^ shard, 0x01000193);
  for (let index = 0; index < name.length; index++)
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
