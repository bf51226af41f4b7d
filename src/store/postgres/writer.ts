import type {
  AnswerTo,
  Change,
  ClaimAnswer,
  ClaimCommand,
  Command,
  PurgeAnswer,
  PurgeCommand,
} from "../../core/ports/store.ts";
import { changeOf } from "../cells.ts";
import type { LaneRoom } from "../lane.ts";
import { shardOf } from "../../core/operation/id.ts";
import { ClaimStarts } from "./claim-starts.ts";
import { claim } from "./claims.ts";
import { Turns } from "./turns.ts";
import { idOf, Lanes, type LanesParts } from "./lanes.ts";
import { withKey } from "./place-commands.ts";
import { prepare } from "./prepared.ts";
import { freesPlace } from "./replaces.ts";
import { purge } from "./purges.ts";
import { retrying } from "./retry.ts";
import type { Query } from "./session.ts";
import { toChange } from "./row.ts";
import { ShardClaims, type ShardClaimsParts } from "./shard-claims.ts";

/** The parts of a writer. */
export interface WriterParts extends Omit<LanesParts, "shard" | "rooms"> {
  /** The store's clock. */
  readonly time: () => number;
  /**
   * Whether the tables are distributed by shard over several servers (sharding.ts). @default false
   */
  readonly isDistributed?: boolean;
  /** On a distributed database, as in {@link ShardClaimsParts}. */
  readonly owns?: ShardClaimsParts["owns"];
  readonly isTold?: ShardClaimsParts["isTold"];
  /** Queries expired records. @default the database */
  readonly look?: Query | undefined;
}

/**
 * Carries out commands: most in lanes (lanes.ts), where they share statements and commits with
 * others of their kind; claims and purges separately. Both skip locked rows instead of waiting for
 * them. On a distributed database each shard has its own lanes, so that a statement touches one
 * shard.
 *
 * A commit with an unknown outcome is retried by the identity of its change: an insert by its id
 * and request id, a replacement by the whole record that it wrote, a removal by the absence of the
 * record, a renewal by its attempt. Claims cannot be identified: if a claim was committed without
 * our knowledge, its operations run after their lease has expired.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #starts: ClaimStarts;
  readonly #turns = new Turns();
  readonly #shardClaims: ShardClaims;
  /** One per shard; a single one if the database is not distributed. */
  readonly #lanes: Lanes[] = [];
  readonly #rooms = new Map<string, LaneRoom>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#starts = new ClaimStarts(parts);
    this.#shardClaims = new ShardClaims(parts);
  }

  /** Learns from changes of any process, and from the shards of announced work without ids. */
  hear(changes: readonly Change[], shards: readonly number[] = []): void {
    if (this.#parts.isDistributed === true) this.#shardClaims.hear(changes, shards);
    else this.#starts.hear(changes);
  }

  /**
   * Carries out a command. Each command has its own error, whatever happens to the others of its
   * batch.
   *
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE; STORE_LOCKED if others held a lock for too
   * long
   * @throws {InvariantError} for an impossible command, which is a bug
   */
  async write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    // Each command has its own type of answer.
    return (await this.#carryOut(command)) as AnswerTo<C>;
  }

  #carryOut(command: Command): Promise<AnswerTo<Command>> {
    if (command.verb === "claim") return this.#claim(command);
    if (command.verb === "purge") return this.#purge(command);
    const { insert, request, replace, renew, remove, places } = this.#lanesOf(idOf(command));
    switch (command.verb) {
      case "insert":
        if (command.parallel !== undefined) return places.add(withKey(prepare(command)));
        return (command.operation.requestId === null ? insert : request).add(prepare(command));
      case "replace":
        if (freesPlace(command.next)) return places.add(withKey(prepare(command)));
        return command.along === undefined
          ? replace.add(prepare(command))
          : places.add(Object.assign(prepare(command), { key: null }));
      case "renew":
        return renew.add(prepare(command));
      case "remove":
        return remove.add(prepare(command));
    }
  }

  #lanesOf(id: string): Lanes {
    if (this.#parts.isDistributed !== true) return (this.#lanes[0] ??= new Lanes(this.#parts));
    const shard = shardOf(id);
    return (this.#lanes[shard] ??= new Lanes({ ...this.#parts, shard, rooms: this.#rooms }));
  }

  async #claim(command: ClaimCommand): Promise<ClaimAnswer> {
    const { database, now, random, committed, isDistributed } = this.#parts;
    const query: Query = (text, parameters) => database.query(text, parameters);
    const answer = await retrying(random, () =>
      isDistributed === true
        ? this.#shardClaims.claim(command, { query, now: now() })
        : claim(database, command, { now: now(), starts: this.#starts, turns: this.#turns }),
    );
    const changes = answer.operations.map(changeOf);
    committed(changes, changes);
    return answer;
  }

  async #purge(command: PurgeCommand): Promise<PurgeAnswer> {
    const { clock, committed } = this.#parts;
    if (command.limit <= 0) return { ids: [] };
    const startedAt = clock.monotonic();
    const { rows, failed, passed } = await purge(this.#parts, command);
    const told = rows.map((row) => toChange(row, true));
    if (told.length > 0) committed(told, told);
    return {
      ids: told.map(({ id }) => id),
      ...(failed.length === 0 ? {} : { failed }),
      ...(passed === 0 ? {} : { passed }),
      ...(rows.length === 0 ? {} : { workMs: clock.monotonic() - startedAt }),
    };
  }
}
