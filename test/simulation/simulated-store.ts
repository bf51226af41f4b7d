import { silence, type Tell } from "../../src/core/events.ts";
import type { Operation } from "../../src/core/operation/operation.ts";
import { StatusError } from "../../src/core/error/error.ts";
import type { Neighbours } from "../../src/core/ports/neighbours.ts";
import type { TimeBounds, Timer } from "../../src/core/ports/clock.ts";
import type { StoreFacts } from "../../src/core/ports/described-store.ts";
import type { ListAnswer, ListQuery, RowsAnswer } from "../../src/core/ports/lists.ts";
import type { Seen } from "../../src/core/ports/seen.ts";
import type { AnswerTo, Change, Command, DueAnswer, DueQuery, Store } from "../../src/core/ports/store.ts";
import { shuttingDown, storeLocked } from "../../src/store/fault.ts";
import { type BatchVerdict, type ItemOutcome, Lane } from "../../src/store/lane.ts";
import { Keeper } from "../../src/store/leases/keeper.ts";
import { Renewals, renewByWrite } from "../../src/store/leases/renewals.ts";
import { Listeners } from "../../src/store/listeners.ts";
import type { BesideWrite } from "../../src/store/sqlite/beside-writer.ts";
import { SqliteResources } from "../../src/store/sqlite/resource-store.ts";
import { SqliteStatistics } from "../../src/store/sqlite/statistics-store.ts";
import { StoreClock } from "../../src/store/postgres/store-clock.ts";
import { checkTexts } from "../../src/store/texts.ts";
import { Locked, type SimulatedDatabase } from "./database.ts";
import type { Life } from "./life.ts";
import type { Link } from "./network.ts";
import type { Setting } from "./plan.ts";

/** The inputs of a store. */
export interface SimulatedStoreParts {
  readonly life: Life;
  readonly link: Link;
  readonly database: SimulatedDatabase;
  /** Absent if processes do not send each other hints. */
  readonly neighbours: Neighbours | undefined;
  /** Sends this process's commits to the other processes. */
  readonly tellOthers: (changes: readonly Change[]) => void;
  readonly tell: Tell;
  readonly setting: Pick<Setting, "gatherMs">;
}

/** The poll intervals of waiters, with hints and without. */
const POLL_MS_WITH_HINTS = 1_000;
const POLL_MS_WITHOUT = 200;
/** The interval at which the database is asked for its time. */
const CLOCK_MS = 5_000;
/** How long a command is retried while another client holds its lock. */
const PATIENCE_MS = 4_000;
const KEY = new Uint8Array(32);

type WriteLane = Lane<Command, AnswerTo<Command>>;

/**
 * The store as a process sees it: the database is on another machine, and other processes write to
 * it, too. Its parts are the real ones: lanes, turns at keys, leases, listeners, the estimate of
 * the database's clock.
 */
export class SimulatedStore implements Store {
  readonly pollMs: number;
  readonly tellsOfOthers: boolean;
  readonly key = KEY;
  readonly neighbours: Neighbours | undefined;
  readonly keeper: Keeper;
  readonly statistics: SqliteStatistics;
  readonly resources: SqliteResources;
  readonly #parts: SimulatedStoreParts;
  readonly #listeners: Listeners<readonly Change[]>;
  readonly #time: StoreClock;
  readonly #lanes: Readonly<Record<Command["verb"], WriteLane>>;
  #clockTimer: Timer | undefined;
  #isClosed = false;

  constructor(parts: SimulatedStoreParts) {
    const { life, neighbours } = parts;
    this.#parts = parts;
    this.neighbours = neighbours;
    this.tellsOfOthers = neighbours !== undefined;
    this.pollMs = neighbours === undefined ? POLL_MS_WITHOUT : POLL_MS_WITH_HINTS;
    this.#listeners = new Listeners(parts.tell);
    // The time of the database is estimated, because it is on another machine.
    this.#time = new StoreClock({
      isReal: true,
      now: () => life.now(),
      monotonic: () => life.monotonic(),
      after: (delayMs, callback) => life.after(delayMs, callback),
      soon: (callback) => life.soon(callback),
    });
    const changes = this.#lane({ keysOf, locksOf });
    this.#lanes = {
      insert: this.#lane({ keysOf, locksOf }),
      replace: changes,
      remove: changes,
      renew: this.#lane({ keysOf }),
      claim: this.#lane({ countMax: () => 1 }),
      purge: this.#lane({ countMax: () => 1 }),
    };
    const renew = renewByWrite((command) => this.write(command), silence);
    this.keeper = new Keeper({
      tell: silence,
      renewals: (hear) => new Renewals({ clock: life, renew, hear }),
    });
    const { link, database } = parts;
    const beside = {
      reading: database.within,
      clock: life,
      time: () => this.time(),
      ask: <Answer>(question: () => Answer) => this.#ask(question),
      write: async (write: BesideWrite) => (await link.call(life, () => database.writeBeside(write))).answer,
    };
    this.statistics = new SqliteStatistics(beside);
    this.resources = new SqliteResources(beside);
  }

  /** Learns the time, which everything else requires. */
  async open(): Promise<void> {
    await this.#learnTime();
    this.#keepTime();
  }

  time(): number {
    return this.#time.time();
  }

  timeBounds(): TimeBounds {
    return this.#time.timeBounds();
  }

  async write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.#isClosed) throw shuttingDown();
    checkTexts(command);
    return (await this.#lanes[command.verb].add(command)) as AnswerTo<C>;
  }

  facts(): Promise<StoreFacts> {
    return Promise.resolve({ name: "simulated", schema: 1 });
  }

  read(id: string): Promise<Operation | undefined> {
    return this.#ask(() => this.#parts.database.read(id));
  }

  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#ask(() => this.#parts.database.over(ids));
  }

  changed(seen: readonly Seen[]): Promise<readonly string[]> {
    return this.#ask(() => this.#parts.database.changed(seen));
  }

  list(query: ListQuery): Promise<ListAnswer> {
    return this.#ask(() => this.#parts.database.list(query));
  }

  rows(query: ListQuery): Promise<RowsAnswer> {
    return this.#ask(() => this.#parts.database.rows(query));
  }

  due(query: DueQuery): Promise<DueAnswer> {
    return this.#ask(() => this.#parts.database.due(query));
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Receives a notice of another process. */
  hear(changes: readonly Change[]): void {
    if (!this.#isClosed) this.#listeners.tell(changes);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clockTimer?.cancel();
    this.keeper.stop();
    await Promise.all(Object.values(this.#lanes).map((lane) => lane.idle()));
  }

  async #ask<Answer>(question: () => Answer): Promise<Answer> {
    if (this.#isClosed) throw shuttingDown();
    return this.#parts.link.call(this.#parts.life, question);
  }

  #lane(more: Partial<ConstructorParameters<typeof Lane<Command, AnswerTo<Command>>>[0]>): WriteLane {
    const { life, setting } = this.#parts;
    return new Lane<Command, AnswerTo<Command>>({
      clock: life,
      inFlightMax: 1,
      gatherMs: () => setting.gatherMs,
      carryOut: (commands) => this.#carryOut(commands),
      batchVerdictOf,
      errorOf: (error) => (error instanceof Locked ? storeLocked(error) : (error as Error)),
      patience: {
        clock: life,
        patienceMs: PATIENCE_MS,
        aloneMax: 2,
        pause: (tries) => new Promise((resolve) => void life.after(Math.min(20 * 2 ** tries, 300), resolve)),
      },
      ...more,
    });
  }

  async #carryOut(commands: readonly Command[]): Promise<readonly ItemOutcome<AnswerTo<Command>>[]> {
    const { life, link, database, tellOthers } = this.#parts;
    const { outcomes, changes } = await link.call(life, () =>
      database.transact(commands, commands.flatMap(locksOf)),
    );
    if (changes.length > 0) {
      this.#listeners.tell(changes);
      tellOthers(changes);
    }
    return outcomes;
  }

  async #learnTime(): Promise<void> {
    const { life, link, database } = this.#parts;
    const startedAt = life.monotonic();
    this.#time.learn(await link.call(life, () => database.time()), startedAt);
  }

  #keepTime(): void {
    if (this.#isClosed) return;
    this.#clockTimer = this.#parts.life.after(CLOCK_MS, () => {
      const again = (): void => this.#keepTime();
      this.#learnTime().then(again, again);
    });
  }
}

function batchVerdictOf(error: unknown): BatchVerdict {
  if (error instanceof Locked) return "again";
  return error instanceof StatusError ? "all" : "each";
}

/** The parts that no two concurrent commands may share. */
function keysOf(command: Command): readonly string[] {
  switch (command.verb) {
    case "insert": {
      const { parent, method, requestId } = command.operation;
      return requestId === null ? [] : [`request ${parent} ${method} ${requestId}`];
    }
    case "replace":
      return [`record ${command.next.id}`];
    case "renew":
    case "remove":
      return [`record ${command.id}`];
    default:
      return [];
  }
}

/** The keys of parallel operations whose places change. */
function locksOf(command: Command): readonly string[] {
  const operation =
    command.verb === "insert" ? command.operation : command.verb === "replace" ? command.next : undefined;
  return operation?.parallelKey == null ? [] : [operation.parallelKey];
}
