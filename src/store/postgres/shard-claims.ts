import { isId, shardOf } from "../../core/operation/id.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Change, ClaimAnswer, ClaimCommand } from "../../core/ports/store.ts";
import { arrayOf } from "./array.ts";
import { ClaimStarts } from "./claim-starts.ts";
import { claim, inOrder } from "./claims.ts";
import { KnownWork } from "./known-work.ts";
import type { Query } from "./session.ts";
import { EVERY_SHARD, ofShard } from "./sharding.ts";
import { LOOK } from "./statements-claim.ts";
import { Turns } from "./turns.ts";

/** The parts of claims on a distributed database. */
export interface ShardClaimsParts {
  readonly clock: Clock;
  /** The store's clock. */
  readonly time: () => number;
  /** Whether this process is the first to claim work of a shard. @default true for all shards */
  readonly owns?: ((method: string, shard: number) => boolean) | undefined;
  /** Whether this process is notified of work at all. @default false */
  readonly isTold?: (() => boolean) | undefined;
}

/** The settings of one claim. */
export interface ShardClaimSetting {
  readonly query: Query;
  /** The time to judge by; null for the database's own. */
  readonly now: number | null;
}

/**
 * A process that is notified of work searches all shards no more often than this. It is less than
 * the interval at which claims are repeated.
 */
const LOOK_MS = 500;
/** Work that a look finds on a shard of another process is left to that process for this long. */
const LEFT_MS = 200;
/** A shard that fails is skipped for this long. */
const AWAY_MS = 2_000;
/** The most shards that one claim uses at once: each takes a statement on its own connection. */
const TOGETHER_MAX = 4;
/** The most failures in one claim: each may take as long as a statement may. */
const FAILURES_MAX = 4;

/**
 * Claims on a distributed database, shard by shard, with statements that touch one shard each.
 *
 * It claims from shards *known* to have work, oldest first (known-work.ts): this process was
 * notified, an earlier claim left some, or a look over all shards found it. A look is one statement
 * on every server. It runs if known work does not fill the claim, but at most twice a second if
 * this process is notified of work. Correctness does not depend on this knowledge.
 *
 * An unreachable server does not block the work of others: a shard that fails is skipped for a
 * while, after a failed look all other shards are asked, and a claim succeeds if any shard has
 * answered.
 */
export class ShardClaims {
  readonly #parts: ShardClaimsParts;
  readonly #starts = new Map<number, ClaimStarts>();
  readonly #turns = new Map<number, Turns>();
  readonly #known = new KnownWork();
  /** Monotonic, by method: the time from which another look is worthwhile. */
  readonly #lookFrom = new Map<string, number>();
  /** Monotonic, by shard: the time until which it is skipped. */
  readonly #awayUntil = new Map<number, number>();

  constructor(parts: ShardClaimsParts) {
    this.#parts = parts;
  }

  /** Learns from changes of any process, and from the shards of announced work without ids. */
  hear(changes: readonly Change[], shards: readonly number[] = []): void {
    for (const change of changes) {
      const { id, method, state, availableTime } = change;
      if (state !== "PENDING") continue;
      const told = isId(id) ? [shardOf(id)] : shards;
      if (told.length === 0) this.#lookFrom.delete(method);
      for (const shard of told) {
        this.#starts.get(shard)?.hear([change]);
        // Ignore work of methods that no claim has requested.
        if (this.#known.hasMethod(method)) this.#known.add(method, shard, availableTime);
      }
    }
  }

  /** Claims operations for a worker. */
  async claim(command: ClaimCommand, setting: ShardClaimSetting): Promise<ClaimAnswer> {
    const methods = command.wanted.map(({ method }) => method);
    const claimed = new Claimed(command);
    const time = setting.now ?? this.#parts.time();
    await this.#claimKnown(claimed, time, setting);
    if (!(claimed.isFull && claimed.count > 0) && this.#isToLook(methods)) {
      await this.#look({ methods, time, claimed }, setting.query);
      await this.#claimKnown(claimed, time, setting);
    }
    if (!claimed.answered && claimed.failures.length > 0) throw claimed.failures[0];
    return { operations: inOrder(claimed.operations), nextTime: this.#known.nextTime(methods) };
  }

  /** Claims from shards with work, several at once, until the claim is full. */
  async #claimKnown(claimed: Claimed, time: number, setting: ShardClaimSetting): Promise<void> {
    for (;;) {
      if (claimed.isFull || claimed.failures.length >= FAILURES_MAX) return;
      const known = this.#known.shards(claimed.methods, time);
      const shards = known.filter((shard) => !claimed.asked.has(shard) && !this.#isAway(shard));
      if (shards.length === 0) return;
      const together = shards.slice(0, claimed.together);
      const share = claimed.share(together.length);
      await Promise.all(together.map((shard) => this.#claimFrom(shard, share, { claimed, time, setting })));
    }
  }

  async #claimFrom(
    shard: number,
    share: ClaimCommand,
    how: { readonly claimed: Claimed; readonly time: number; readonly setting: ShardClaimSetting },
  ): Promise<void> {
    const { claimed, time, setting } = how;
    const methods = share.wanted.map(({ method }) => method);
    // Hints that arrive from here on may be newer than the claim.
    const before = this.#known.take(methods, [shard]);
    const database = { query: ofShard(setting.query, shard) };
    try {
      const answer = await claim(database, share, {
        now: setting.now,
        starts: this.#startsOf(shard),
        turns: this.#turnsOf(shard),
      });
      claimed.add(answer.operations);
      // A shard that filled its share may have more.
      if (answer.operations.length < share.limit) claimed.asked.add(shard);
      claimed.answered = true;
      // The forgotten work may belong to other parents, which others may claim.
      if (share.within !== undefined) for (const each of before) this.#known.add(...each);
      // The answer does not say which method this time belongs to.
      if (answer.nextTime !== null)
        for (const method of methods) this.#known.add(method, shard, answer.nextTime);
    } catch (error) {
      claimed.failures.push(error);
      this.#awayUntil.set(shard, this.#parts.clock.monotonic() + AWAY_MS);
      for (const method of methods) this.#known.add(method, shard, time + AWAY_MS);
    }
  }

  #isAway(shard: number): boolean {
    return this.#parts.clock.monotonic() < (this.#awayUntil.get(shard) ?? Number.NEGATIVE_INFINITY);
  }

  #isToLook(methods: readonly string[]): boolean {
    const now = this.#parts.clock.monotonic();
    return methods.some((method) => (this.#lookFrom.get(method) ?? now) <= now);
  }

  /** Looks for work on all shards that were not just asked. */
  async #look(
    look: { readonly methods: readonly string[]; readonly time: number; readonly claimed: Claimed },
    query: Query,
  ): Promise<void> {
    const { methods, time, claimed } = look;
    const { clock, owns = () => true, isTold } = this.#parts;
    const startedAt = clock.monotonic();
    const shards = EVERY_SHARD.filter((shard) => !claimed.asked.has(shard));
    const before = this.#known.take(methods, shards);
    // A hint that arrives meanwhile may allow another look.
    const next = (afterMs: number): void => {
      for (const method of methods) this.#lookFrom.set(method, startedAt + afterMs);
    };
    next(isTold?.() === true ? LOOK_MS : 0);
    try {
      const found = await query(LOOK, [Math.floor(time), arrayOf(methods), arrayOf(shards)]);
      for (const [method, availableTime, shard] of found) {
        const left = owns(String(method), Number(shard)) ? 0 : LEFT_MS;
        this.#known.add(String(method), Number(shard), Number(availableTime) + left);
      }
    } catch (error) {
      claimed.failures.push(error);
      next(AWAY_MS);
      for (const each of before) this.#known.add(...each);
      for (const shard of shards.filter((each) => !this.#isAway(each)))
        for (const method of methods) this.#known.add(method, shard, time);
    }
  }

  #turnsOf(shard: number): Turns {
    const turns = this.#turns.get(shard) ?? new Turns();
    this.#turns.set(shard, turns);
    return turns;
  }

  #startsOf(shard: number): ClaimStarts {
    const starts = this.#starts.get(shard) ?? new ClaimStarts(this.#parts);
    this.#starts.set(shard, starts);
    return starts;
  }
}

/** The result of one claim so far. */
class Claimed {
  readonly #command: ClaimCommand;
  readonly operations: Operation[] = [];
  /** The shards without further work. */
  readonly asked = new Set<number>();
  readonly failures: unknown[] = [];
  /** Whether any shard has answered. */
  answered = false;
  readonly #taken = new Map<string, number>();

  constructor(command: ClaimCommand) {
    this.#command = command;
  }

  get count(): number {
    return this.operations.length;
  }

  get isFull(): boolean {
    const { limit, wanted } = this.rest();
    return limit <= 0 || wanted.length === 0;
  }

  /** The methods whose operations are still wanted. */
  get methods(): readonly string[] {
    return this.rest().wanted.map(({ method }) => method);
  }

  /** The rest of the claim. */
  rest(): ClaimCommand {
    const { limit, wanted } = this.#command;
    const left = wanted.map((each) => ({
      ...each,
      limit: each.limit - (this.#taken.get(each.method) ?? 0),
    }));
    return { ...this.#command, limit: limit - this.count, wanted: left.filter((each) => each.limit > 0) };
  }

  /**
   * The number of shards to claim from at once: if a method has fewer slots than the claim, its
   * order requires one shard at a time.
   */
  get together(): number {
    const { limit, wanted } = this.rest();
    return wanted.some((each) => each.limit < limit) ? 1 : Math.min(limit, TOGETHER_MAX);
  }

  /** The share of each of several shards. */
  share(count: number): ClaimCommand {
    const rest = this.rest();
    const limit = Math.floor(rest.limit / count);
    if (count === 1) return rest;
    return { ...rest, limit, wanted: rest.wanted.map(({ method }) => ({ method, limit })) };
  }

  add(operations: readonly Operation[]): void {
    this.operations.push(...operations);
    for (const { method } of operations) this.#taken.set(method, (this.#taken.get(method) ?? 0) + 1);
  }
}
