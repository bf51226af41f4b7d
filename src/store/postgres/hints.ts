import { LIMITS } from "../../core/limits.ts";
import { originOf, shardOf } from "../../core/operation/id.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Neighbours } from "../../core/ports/neighbours.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Change } from "../../core/ports/store.ts";
import type { Channel, ChannelParts, Message } from "./channel.ts";
import { arrayOf } from "./array.ts";
import type { Database, Query, Row } from "./database.ts";
import { HandOn } from "./hand-on.ts";
import { type Home, Homes, originOfName } from "./homes.ts";
import { OwnHome } from "./own-home.ts";
import type { Telling } from "./inserts.ts";
import { LiveHomes } from "./live-homes.ts";
import { retrying } from "./retry.ts";
import { EVERY_SHARD } from "./sharding.ts";
import { LOOK, OPEN } from "./statements-claim.ts";
import { EVERYBODY, type Heard, noticesOfHomes, noticesOfWork, type Topic } from "./notices.ts";

/** The parts of the hints. */
export interface HintsParts {
  readonly database: Pick<Database, "query">;
  readonly clock: Clock;
  /** Creates the channel to other processes. */
  readonly channel: (ties: ChannelTies) => Channel;
  /** The home of this process. */
  readonly home: Home;
  /** Called with the changes of other processes, and the shards of pending work. */
  readonly hear: (changes: readonly Change[], shards: readonly number[]) => void;
  /** The store's clock. */
  readonly time: () => number;
  readonly random: Random;
  /** Runs a query, together with other queries of the same turn. */
  readonly look: Query;
  /**
   * Whether a claim covers one shard, so that the owner of the shard is notified of its work.
   * @default false
   */
  readonly isDistributed?: boolean | undefined;
}

const NOBODY_KNOWN = new Homes([]);

/** The parts of a channel that depend on the hints. */
export type ChannelTies = Pick<ChannelParts, "hear" | "addresses" | "runs" | "origin">;

/**
 * Notifications between processes. Pending work wakes one process that runs its method (homes.ts):
 * processes take turns of some milliseconds; on a distributed database it is the owner of the
 * shard. A process without a free slot passes the hint on (hand-on.ts).
 *
 * Hints are not needed for correctness: all workers poll every second. With a test's clock no
 * process is known, and all processes are notified.
 */
export class Hints implements Telling, Neighbours {
  readonly #channel: Channel;
  /** The origin of operations started in this process. */
  readonly origin: number;
  readonly #own: OwnHome;
  readonly #clock: Clock;
  readonly #live: LiveHomes | undefined;
  readonly #handOn: HandOn;
  readonly #time: () => number;
  readonly look: (() => Promise<void>) | undefined;

  constructor(parts: HintsParts) {
    const { database, clock, channel, home, hear, time, random, look, isDistributed = false } = parts;
    this.#time = time;
    this.#own = new OwnHome(home.name, home.methods);
    this.#clock = clock;
    this.origin = originOfName(home.name);
    if (clock.isReal === true)
      this.#live = new LiveHomes({
        database,
        own: this.#own,
        announce: () => this.#channel.send(noticesOfHomes(home.name)),
      });
    this.#handOn = new HandOn({
      name: home.name,
      known: () => this.#live?.known ?? NOBODY_KNOWN,
      send: (work, to) => this.#channel.send(noticesOfWork(home.name, work, to)),
    });
    this.#channel = channel({
      hear: (heard) => this.#hear(heard, hear),
      addresses: {
        homeOf: (method, shard) => {
          const known = this.#live?.known ?? NOBODY_KNOWN;
          const owner = isDistributed ? known.owner(method, shard) : known.ownerAt(method, time());
          return owner ?? EVERYBODY;
        },
        hasOrigin: (origin) => this.#live?.known.hasOrigin(origin) === true,
      },
      origin: this.origin,
      // If no process is known, others may run the method too.
      runs: (method) => this.#own.methods.has(method) && this.#live?.known.count(method) !== 0,
    });
    if (this.#live !== undefined)
      this.look = async () => {
        if (this.#own.methods.size === 0) return;
        const methods = arrayOf([...this.#own.methods].toSorted());
        const [text, parameters] = isDistributed
          ? [LOOK, [Math.floor(time()), methods, arrayOf(EVERY_SHARD)]]
          : [OPEN, [null, methods]];
        const rows = await retrying(random, () => look(text, parameters));
        for (const [shard, some] of Map.groupBy(rows, (row) => row[2]))
          hear(this.#untaken(some), shard === undefined ? [] : [Number(shard)]);
      };
    void this.#live?.start();
  }

  /** How long a batch of commands waits for more commands. */
  get gatherMs(): number {
    return (this.#live?.known ?? NOBODY_KNOWN).gatherMs;
  }

  get topics(): readonly Topic[] {
    return this.#channel.topics;
  }

  noticesOf(changes: readonly Change[]): readonly Message[] {
    return this.#channel.noticesOf(changes);
  }

  noticesToAll(changes: readonly Change[]): readonly Message[] {
    return this.#channel.noticesToAll(changes);
  }

  /**
   * Records the commits of this process, and notifies other processes of the changes that were not
   * announced yet.
   */
  tell(changes: readonly Change[], untold: readonly Change[]): void {
    if (this.#own.methods.size > 0)
      for (const { id, method, state, availableTime } of changes)
        if (state === "PENDING" && this.#own.methods.has(method))
          this.#handOn.hear({ method, availableTime, shards: [shardOf(id)], left: undefined });
    if (untold.length > 0) this.#channel.tell(untold);
  }

  /** A caller of this process waits for an operation. */
  attend(id: string): Promise<void> | undefined {
    return this.#channel.attend(originOf(id));
  }

  attendWork(methods: readonly string[], isWaitedFor: (method: string) => boolean): void {
    if (this.#own.attend(methods, isWaitedFor, this.#clock.monotonic())) void this.#live?.look();
  }

  /** This process has no free slot for work of a method. */
  handOn(method: string): void {
    this.#handOn.handOn(method);
  }

  /** Whether this process should look for work of a shard first; true if no process is known. */
  owns(method: string, shard: number): boolean {
    const owner = this.#live?.known.owner(method, shard);
    return owner === undefined || owner === this.#own.name;
  }

  /** Whether stored work is announced to a live process. */
  get tellsHomes(): boolean {
    return (this.#live?.known.count() ?? 0) > 0;
  }

  /** Whether this process sweeps now: the live processes take turns of a second each. */
  isTurn(): boolean {
    const known = this.#live?.known ?? NOBODY_KNOWN;
    const place = known.place(this.#own.name);
    return place < 0 || Math.floor(this.#time() / LIMITS.sweepIntervalMs) % known.count() === place;
  }

  async close(): Promise<void> {
    await this.#live?.stop();
    this.#handOn.stop();
    await this.#channel.close();
  }

  #hear({ sender, changes, moved, shards, left }: Heard, hear: HintsParts["hear"]): void {
    if (moved) this.#live?.moved(sender);
    for (const { state, method, availableTime } of changes)
      if (state === "PENDING") this.#handOn.hear({ method, availableTime, shards, left });
    if (changes.length > 0) hear(changes, shards);
  }

  /** The notified process is still claiming work that became available just now. */
  #untaken(rows: readonly Row[]): readonly Change[] {
    const now = this.#time();
    return rows
      .map(([method, time]): Change => ({ ...HINT, method: String(method), availableTime: Number(time) }))
      .filter(({ availableTime }) => availableTime > now || availableTime < now - LATE_MS);
  }
}

const HINT = { id: "", state: "PENDING", cancelRequested: false } as const;
/** After this time a notified process has claimed the work. */
const LATE_MS = 100;
