import type { Clock } from "../../core/ports/clock.ts";
import { isId, shardOf } from "../../core/operation/id.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf } from "./array.ts";
import { ClaimStarts } from "./claim-starts.ts";
import { claim, inOrder } from "./claims.ts";
import type { Query, Row } from "./session.ts";
import { EVERY_SHARD, ofShard } from "./sharding.ts";
import { LOOK } from "./statements-claim.ts";

/** What claims of a distributed database are made with. */
export interface ShardClaimsParts {
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  /** The shards to claim from, in their order. @default all */
  readonly shards?: (() => readonly number[]) | undefined;
}

/** How one claim is carried out. */
export interface ShardClaimSetting {
  readonly query: Query;
  /** The instant to judge by; null for the database's own. */
  readonly now: number | null;
}

/**
 * Claims on a distributed database, shard by shard, with statements that touch one each.
 *
 * Shards that are *known* to have work come first: this process was told of it, or a claim has left some behind. Where they do
 * not fill the claim, one look over all shards finds the others, so that an idle poll is one statement. Within a shard the
 * order of claims is that of the port; between shards it is the order in which they are gone through.
 */
export class ShardClaims {
  readonly #parts: ShardClaimsParts;
  readonly #starts = new Map<number, ClaimStarts>();
  /** The shards known to have work, and from when. */
  readonly #known = new Map<number, number>();
  /** Methods that claims have asked for: work of others is of no interest. */
  readonly #methods = new Set<string>();

  constructor(parts: ShardClaimsParts) {
    this.#parts = parts;
  }

  /** Takes notice of changes, by whichever process. */
  hear(changes: readonly Change[]): void {
    for (const change of changes) {
      // Another process may tell of work without telling whose: the next look finds it.
      if (change.state !== "PENDING" || !isId(change.id)) continue;
      const shard = shardOf(change.id);
      this.#starts.get(shard)?.hear([change]);
      if (this.#methods.has(change.method)) this.#know(shard, change.availableTime);
    }
  }

  /** Takes operations for a worker. */
  async claim(command: ClaimCommand, setting: ShardClaimSetting): Promise<ClaimAnswer> {
    for (const { method } of command.wanted) this.#methods.add(method);
    const claimed = new Claimed(command);
    if (command.wanted.length === 0) return claimed.answer();
    const time = setting.now ?? this.#parts.time();
    const shards = this.#parts.shards?.() ?? EVERY_SHARD;
    const known = shards.filter((shard) => (this.#known.get(shard) ?? Number.POSITIVE_INFINITY) <= time);
    await this.#claimFrom(known, claimed, setting);
    const others = shards.filter((shard) => !claimed.hasAsked(shard));
    if (claimed.isFull && claimed.count > 0) {
      for (const shard of others) claimed.left(shard, this.#known.get(shard) ?? null);
      return claimed.answer();
    }
    const methods = arrayOf(command.wanted.map(({ method }) => method));
    const looked = await setting.query(LOOK, [Math.floor(time), methods, arrayOf(others)]);
    const found = byPlace(looked, others);
    for (const [shard, availableTime] of found) claimed.left(Number(shard), Number(availableTime));
    const available = found.filter(([, , isAvailable]) => isAvailable === true);
    await this.#claimFrom(
      available.map(([shard]) => Number(shard)),
      claimed,
      setting,
    );
    return claimed.answer();
  }

  /** Claims from one shard after the other, until nothing more is wanted. */
  async #claimFrom(shards: readonly number[], claimed: Claimed, setting: ShardClaimSetting): Promise<void> {
    for (const shard of shards) {
      if (claimed.isFull) return;
      // What is told from here on may be of later than the claim.
      this.#known.delete(shard);
      const starts = this.#startsOf(shard);
      const database = { query: ofShard(setting.query, shard) };
      const answer = await claim(database, claimed.rest(), { now: setting.now, starts });
      claimed.take(shard, answer);
      if (answer.nextTime !== null) this.#know(shard, answer.nextTime);
    }
  }

  #startsOf(shard: number): ClaimStarts {
    const starts = this.#starts.get(shard) ?? new ClaimStarts(this.#parts);
    this.#starts.set(shard, starts);
    return starts;
  }

  #know(shard: number, availableTime: number): void {
    this.#known.set(shard, Math.min(this.#known.get(shard) ?? Number.POSITIVE_INFINITY, availableTime));
  }
}

/** What one claim has come to so far. */
class Claimed {
  readonly #command: ClaimCommand;
  readonly #operations: Operation[] = [];
  readonly #taken = new Map<string, number>();
  /** By shard: when the next becomes available. */
  readonly #next = new Map<number, number | null>();

  constructor(command: ClaimCommand) {
    this.#command = command;
  }

  get count(): number {
    return this.#operations.length;
  }

  get isFull(): boolean {
    const { limit, wanted } = this.rest();
    return limit <= 0 || wanted.every((each) => each.limit <= 0);
  }

  /** What is still wanted. */
  rest(): ClaimCommand {
    const { limit, wanted } = this.#command;
    return {
      ...this.#command,
      limit: limit - this.count,
      wanted: wanted.map((each) => ({ ...each, limit: each.limit - (this.#taken.get(each.method) ?? 0) })),
    };
  }

  /** Whether the shard has been claimed from. */
  hasAsked(shard: number): boolean {
    return this.#next.has(shard);
  }

  take(shard: number, { operations, nextTime }: ClaimAnswer): void {
    this.#operations.push(...operations);
    for (const { method } of operations) this.#taken.set(method, (this.#taken.get(method) ?? 0) + 1);
    this.left(shard, nextTime);
  }

  /** Tells of work of a shard that is not taken. */
  left(shard: number, availableTime: number | null): void {
    this.#next.set(shard, availableTime);
  }

  answer(): ClaimAnswer {
    const times = [...this.#next.values()].filter((time) => time !== null);
    return {
      operations: inOrder(this.#operations),
      nextTime: times.length === 0 ? null : Math.min(...times),
    };
  }
}

/** Rows in the order of their shards. */
function byPlace(rows: readonly Row[], shards: readonly number[]): readonly Row[] {
  const places = new Map(shards.map((shard, place) => [shard, place]));
  const placeOf = ([shard]: Row): number => places.get(Number(shard)) ?? shards.length;
  return rows.toSorted((a, b) => placeOf(a) - placeOf(b));
}
