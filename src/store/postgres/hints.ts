import { shardOf } from "../../core/operation/id.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Change } from "../../core/ports/store.ts";
import type { Channel, ChannelParts, Message } from "./channel.ts";
import type { Database } from "./database.ts";
import { HandOn } from "./hand-on.ts";
import { type Home, Homes } from "./homes.ts";
import type { Telling } from "./inserts.ts";
import { LiveHomes } from "./live-homes.ts";
import { EVERYBODY, type Heard, noticesOfHomes, noticesOfWork, type Topic } from "./notices.ts";

/** What they are made with. */
export interface HintsParts {
  readonly database: Pick<Database, "query">;
  readonly clock: Clock;
  /** Makes the connection to other processes. */
  readonly channel: (ties: ChannelTies) => Channel;
  /** What this process is to the others. */
  readonly home: Home;
  /** Is told what other processes changed. */
  readonly hear: (changes: readonly Change[]) => void;
}

const NOBODY_KNOWN = new Homes([]);

/** What a channel has to do with the rest. */
export type ChannelTies = Pick<ChannelParts, "hear" | "homeOf" | "runs">;

/**
 * What processes tell each other, and whom: pending work wakes one process that runs its method, the owner of its shard
 * (homes.ts), and not all. One that has no room hands the hint on (hand-on.ts).
 *
 * Nothing depends on it: all who run operations look for work every second. Where a test turns the clock no process is known, and
 * everybody is told.
 */
export class Hints implements Telling {
  readonly #channel: Channel;
  readonly #own: Home;
  readonly #live: LiveHomes | undefined;
  readonly #handOn: HandOn;

  constructor({ database, clock, channel, home, hear }: HintsParts) {
    this.#own = home;
    if (clock.isReal === true)
      this.#live = new LiveHomes({
        database,
        own: home,
        announce: () => this.#channel.send(noticesOfHomes(home.name)),
      });
    this.#handOn = new HandOn({
      name: home.name,
      known: () => this.#live?.known ?? NOBODY_KNOWN,
      send: (work, to) => this.#channel.send(noticesOfWork(home.name, work, to)),
    });
    this.#channel = channel({
      hear: (heard) => this.#hear(heard, hear),
      homeOf: (method, shard) => this.#live?.known.owner(method, shard) ?? EVERYBODY,
      // Where nobody is known, others may run it too.
      runs: (method) => home.methods.has(method) && this.#live?.known.count(method) !== 0,
    });
    void this.#live?.start();
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

  /** Takes note of what this process has committed, and tells others what they were not told of yet. */
  tell(changes: readonly Change[], untold: readonly Change[]): void {
    if (this.#own.methods.size > 0)
      for (const { id, method, state, availableTime } of changes)
        if (state === "PENDING" && this.#own.methods.has(method))
          this.#handOn.hear({ method, availableTime, shards: [shardOf(id)], left: undefined });
    if (untold.length > 0) this.#channel.tell(untold);
  }

  /** This process has no room for work of a method. */
  handOn(method: string): void {
    this.#handOn.handOn(method);
  }

  async close(): Promise<void> {
    await this.#live?.stop();
    this.#handOn.stop();
    await this.#channel.close();
  }

  #hear({ changes, moved, shards, left }: Heard, hear: HintsParts["hear"]): void {
    if (moved) void this.#live?.look();
    for (const { state, method, availableTime } of changes)
      if (state === "PENDING") this.#handOn.hear({ method, availableTime, shards, left });
    if (changes.length > 0) hear(changes);
  }
}
