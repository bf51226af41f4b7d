import type { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { idTime } from "../core/operation/id.ts";
import { type Operation, isDone } from "../core/operation/operation.ts";
import { transition } from "../core/operation/transition.ts";
import type { TimeBounds } from "../core/ports/clock.ts";
import type { StoreFacts } from "../core/ports/described-store.ts";
import type { ListAnswer, ListQuery, RowsAnswer } from "../core/ports/lists.ts";
import type { Neighbours } from "../core/ports/neighbours.ts";
import type { ResourceStore } from "../core/ports/resource-store.ts";
import type { StatisticsStore } from "../core/ports/statistics-store.ts";
import type { LeaseKeeper } from "../core/ports/lease-keeper.ts";
import type {
  Along,
  AnswerTo,
  Change,
  ClaimAnswer,
  Command,
  DueAnswer,
  DueQuery,
  InsertAnswer,
  RenewCommand,
  Store,
} from "../core/ports/store.ts";
import type { DataKeys, SealingKey } from "./data-keys.ts";
import { checkFilter } from "./filters.ts";
import type { KeyPurge } from "./key-purge.ts";
import type { Opening } from "./opening.ts";
import type { Place, Sealing } from "./sealing.ts";
import { withoutTexts } from "./sealed-statistics.ts";

/** The parts of an encrypted store. */
export interface EncryptedStoreParts {
  /** The underlying store. It knows nothing of encryption. */
  readonly store: Store;
  readonly keys: DataKeys;
  readonly keyPurge: KeyPurge;
  readonly sealing: Sealing;
  readonly opening: Opening;
  /** Whether new payloads are sealed. If not, sealed ones are opened, and nothing else changes. */
  readonly seals: boolean;
  /** The tenant of a parent. */
  readonly tenantOf: (parent: string) => string;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
}

/**
 * A store whose payloads are sealed: it seals payloads on their way into another store, and opens
 * them on their way out.
 *
 * Source of truth: the underlying store, except for payloads. A command waits for a key only if
 * none is known. On failure of a key: lost payloads are shown as lost in the record (opening.ts);
 * if this process lacks the KEK, calls fail with UNAVAILABLE, and claimed operations are released.
 */
export class EncryptedStore implements Store {
  readonly pollMs: number | null;
  readonly tellsOfOthers: boolean;
  readonly keysHaveShards: boolean;
  readonly key: Uint8Array;
  readonly keeper: LeaseKeeper;
  readonly statistics: StatisticsStore;
  readonly resources: ResourceStore;
  readonly timeBounds?: () => TimeBounds;
  readonly insertWithin?: NonNullable<Store["insertWithin"]>;
  readonly #parts: EncryptedStoreParts;
  readonly #store: Store;
  /** Commands that wait for a key, or follow one that does. */
  readonly #begun = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(parts: EncryptedStoreParts) {
    const { store, seals } = parts;
    this.#parts = parts;
    this.#store = store;
    this.pollMs = store.pollMs;
    this.tellsOfOthers = store.tellsOfOthers;
    this.keysHaveShards = store.keysHaveShards ?? false;
    this.key = store.key;
    this.keeper = store.keeper;
    this.statistics = seals ? withoutTexts(store.statistics) : store.statistics;
    this.resources = store.resources;
    if (store.timeBounds !== undefined) this.timeBounds = () => store.timeBounds?.() ?? atOnce(store.time());
    if (store.insertWithin !== undefined)
      this.insertWithin = async (transaction, command) => {
        const sealed = await this.#sealed(command);
        return this.#inserted((await store.insertWithin?.(transaction, sealed)) as InsertAnswer);
      };
  }

  get neighbours(): Neighbours | undefined {
    return this.#store.neighbours;
  }

  time(): number {
    return this.#store.time();
  }

  async write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    // The underlying store rejects calls after the end.
    if (this.#closing !== undefined) await this.#closing;
    const sealed = this.#sealed<Command>(command);
    const answer = await (sealed instanceof Promise ? this.#writeLater(sealed) : this.#store.write(sealed));
    // Data keys are removed with the records that needed them.
    if (command.verb === "purge") await this.#parts.keyPurge.round();
    // Each command has its own type of answer.
    if (command.verb === "claim") return (await this.#claimed(answer as ClaimAnswer)) as AnswerTo<C>;
    if (command.verb === "insert") return (await this.#inserted(answer as InsertAnswer)) as AnswerTo<C>;
    return answer as AnswerTo<C>;
  }

  facts(): Promise<StoreFacts> {
    return this.#store.facts();
  }

  async read(id: string): Promise<Operation | undefined> {
    const operation = await this.#store.read(id);
    return operation === undefined ? undefined : this.#parts.opening.record(operation);
  }

  async readOrSealed(id: string): Promise<Operation | undefined> {
    const operation = await this.#store.read(id);
    if (operation === undefined) return undefined;
    try {
      return await this.#parts.opening.record(operation);
    } catch (error) {
      if ((error as StatusError).reason === "KEY_UNAVAILABLE") return operation;
      throw error;
    }
  }

  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#store.over(ids);
  }

  changed(seen: Parameters<Store["changed"]>[0]): Promise<readonly string[]> {
    return this.#store.changed(seen);
  }

  async list(query: ListQuery): Promise<ListAnswer> {
    if (query.filter !== null) checkFilter(query.filter);
    const { operations, next } = await this.#store.list(query);
    return { operations: await this.#parts.opening.records(operations), next };
  }

  async rows(query: ListQuery): Promise<RowsAnswer> {
    if (query.filter !== null) checkFilter(query.filter);
    const answer = await this.#store.rows(query);
    return { ...answer, rows: await this.#parts.opening.rows(answer.rows) };
  }

  due(query: DueQuery): Promise<DueAnswer> {
    return this.#store.due(query);
  }

  /** Waiters read the records of ends, because the underlying store announces them sealed. */
  watch(listener: Parameters<Store["watch"]>[0]): () => void {
    if (!this.#parts.seals) return this.#store.watch(listener);
    return this.#store.watch((changes) => listener(changes.map(withoutRecord)));
  }

  close(): Promise<void> {
    this.#closing ??= Promise.allSettled(this.#begun).then(() => this.#store.close());
    return this.#closing;
  }

  async #writeLater(sealed: Promise<Command>): Promise<AnswerTo<Command>> {
    const written = sealed.then((command) => this.#store.write(command));
    this.#begun.add(written);
    try {
      return await written;
    } finally {
      this.#begun.delete(written);
    }
  }

  /** The command with sealed payloads; not a promise if the keys are known. */
  #sealed<C extends Command>(command: C): C | Promise<C> {
    if (!this.#parts.seals) return command;
    switch (command.verb) {
      case "insert":
        return this.#withKey([command.operation], (key) => ({
          ...command,
          operation: this.#parts.sealing.started(command.operation, key),
        }));
      case "replace": {
        const { next, along = [] } = command;
        return this.#withKey([next, ...along], (key) => ({
          ...command,
          next: this.#parts.sealing.changed(next, key),
          ...(command.along === undefined ? {} : { along: this.#sealedAlong(along, key) }),
        }));
      }
      case "remove": {
        const { along } = command;
        if (along === undefined) return command;
        return this.#withKey([command, ...along], (key) => ({
          ...command,
          along: this.#sealedAlong(along, key),
        }));
      }
      case "renew":
        return command.metadata === null ? command : (this.#renewed(command) as C | Promise<C>);
      case "claim":
      case "purge":
        return command;
    }
  }

  /**
   * Operations stored along with a change report it, as deliveries do, so they belong to the tenant
   * of the changed record.
   */
  #sealedAlong(along: Along, key: SealingKey): Along {
    return along.map((each) => this.#parts.sealing.started(each, key));
  }

  /** Reads the record if the command does not contain its parent. */
  #renewed(command: RenewCommand): RenewCommand | Promise<RenewCommand> {
    const { id, parent, metadata } = command;
    if (metadata === null) return command;
    if (parent === undefined) {
      return this.#store.read(id).then((operation) =>
        // A missing record is not renewed, so its parent does not matter.
        this.#renewed({ ...command, parent: operation?.parent ?? "" }),
      );
    }
    const place = { id, parent };
    return this.#withKey([place], (key) => ({
      ...command,
      metadata: this.#parts.sealing.metadata(metadata, key, place),
    }));
  }

  /** The key for the tenant of the first operation, of a day that is not before the id of any. */
  #withKey<Sealed>(
    places: readonly [Place, ...Place[]],
    use: (key: SealingKey) => Sealed,
  ): Sealed | Promise<Sealed> {
    const notBefore = Math.max(...places.map(({ id }) => idTime(id)));
    const key = this.#parts.keys.sealing(this.#parts.tenantOf(places[0].parent), notBefore);
    // The key is known after that.
    return key instanceof Promise ? key.then(() => this.#withKey(places, use)) : use(key);
  }

  async #inserted(answer: InsertAnswer): Promise<InsertAnswer> {
    if (answer.inserted || answer.existing === undefined) return answer;
    return { inserted: false, existing: await this.#parts.opening.record(answer.existing) };
  }

  /**
   * Claims that cannot be opened are released, for a process that has the KEK; the others continue.
   */
  async #claimed(answer: ClaimAnswer): Promise<ClaimAnswer> {
    if (answer.operations.length === 0) return answer;
    const failures: unknown[] = [];
    const opened = await Promise.all(
      answer.operations.map(async (each) => {
        try {
          return await this.#parts.opening.record(each);
        } catch (error) {
          if ((error as StatusError).reason !== "KEY_UNAVAILABLE") failures.push(error);
          await this.#giveBack(each).catch((failure: unknown) => failures.push(failure));
          return undefined;
        }
      }),
    );
    const operations = opened.filter((each) => each !== undefined);
    if (operations.length === 0 && failures.length > 0) throw failures[0];
    return { ...answer, operations };
  }

  async #giveBack(operation: Operation): Promise<void> {
    const { attempt, revision } = operation;
    const event = {
      type: "release",
      now: this.time(),
      attempt,
      delayMs: LIMITS.keyMissingDelayMs,
    } as const;
    const { next } = transition(operation, event, this.#parts.domain);
    if (next === undefined || isDone(next)) return;
    await this.#store.write({ verb: "replace", next, expectedRevision: revision });
  }
}

function withoutRecord(change: Change): Change {
  return change.ended === undefined ? change : { ...change, ended: undefined };
}

function atOnce(time: number): TimeBounds {
  return { earliest: time, latest: time };
}
