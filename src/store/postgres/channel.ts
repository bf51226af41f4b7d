import type { Tell } from "../../core/events.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Change } from "../../core/ports/store.ts";
import { columnsOf } from "./array.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import {
  type Addresses,
  EVERYBODY,
  type Heard,
  type HomeOf,
  NOBODY,
  type Notice,
  noticesOf,
  readPayload,
  type Topic,
} from "./notices.ts";
import { Session } from "./session.ts";
import { Servers } from "./servers.ts";
import { NOTIFY_ALL } from "./statements.ts";

/** What a channel is made with. */
export interface ChannelParts {
  /** For pauses and calls: the machine's, since it is the network that is waited for. */
  readonly clock: Clock;
  readonly options: DatabaseOptions;
  /** Where notices are sent while nothing listens. */
  readonly database: Pick<Database, "query">;
  readonly schema: string;
  /** What this process has to hear of; it tells of everything. */
  readonly topics: readonly Topic[];
  /** Tells this process's notices from all others. */
  readonly sender: string;
  readonly tell: Tell;
  /** Who is told of what. @default everybody of everything */
  readonly addresses?: Addresses;
  /** Of what begins in this process; present where callers may wait in it. */
  readonly origin?: number | undefined;
  /** Whether this process does the work of a method itself, or sees to it that others do. @default it does not */
  readonly runs?: (method: string) => boolean;
  /** Is told what other processes told. */
  readonly hear: (heard: Heard) => void;
}

/** What is sent: the channel's name in the database, and the payload. */
export type Message = readonly [channel: string, payload: string];

/** Of a name in PostgreSQL. */
const NAME_MAX = 63;
/** A connection that receives nothing for this time, not even its own message, is dead. */
const CALL_MS = 5_000;
/** The time for unsent messages when a store is closed. */
const CLOSE_MS = 1_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 2_000;

/**
 * Exchanges changes with other processes, by NOTIFY and LISTEN.
 *
 * Messages are only hints: they are dropped if they cannot be sent. Changes during a running NOTIFY
 * are sent with the next one. The same connection listens and sends, because its own messages then
 * arrive with the answer and wake no second connection. It is reopened when it ends, and when it
 * does not return our own message in time.
 */
export class Channel {
  readonly #parts: ChannelParts;
  #waiting: Change[] = [];
  #notices: Notice[] = [];
  #sending: Promise<void> | undefined;
  #closed = false;
  #heardAt = 0;
  readonly #closing = Promise.withResolvers<void>();
  #timer: Timer | undefined;
  readonly #listening: Promise<void>;
  /** Sends over the connection that listens, while one does. */
  #notify: ((columns: readonly string[]) => Promise<unknown>) | undefined;

  /** Has the connection that listens, while there is one, listen to one more channel. */
  #listenTo: ((channel: string) => Promise<unknown>) | undefined;
  /** Where operations were begun that this process has to hear the ends of. */
  readonly #origins: Set<number>;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#origins = new Set(parts.origin === undefined ? [] : [parts.origin]);
    this.#listening = this.#listen();
  }

  /** What this process hears of. */
  get topics(): readonly Topic[] {
    return this.#parts.topics;
  }

  /** What tells other processes of changes. */
  noticesOf(changes: readonly Change[]): readonly Message[] {
    const { sender, addresses, runs = () => false } = this.#parts;
    const homeOf = addresses?.homeOf ?? (() => EVERYBODY);
    const others: HomeOf = (method, shard) => (runs(method) ? NOBODY : homeOf(method, shard));
    return noticesOf(sender, changes, { ...addresses, homeOf: others }).map((notice) =>
      this.#addressed(notice),
    );
  }

  /** What tells every process, this one included, of changes. */
  noticesToAll(changes: readonly Change[]): readonly Message[] {
    return noticesOf("", changes, this.#parts.addresses).map((notice) => this.#addressed(notice));
  }

  /** Tells other processes of what this one has committed. */
  tell(changes: readonly Change[]): void {
    if (this.#closed) return;
    this.#waiting.push(...changes);
    this.#sendAll();
  }

  /** Sends notices as they are. */
  send(notices: readonly Notice[]): void {
    if (this.#closed) return;
    this.#notices.push(...notices);
    this.#sendAll();
  }

  /** Hears of the ends of what has this origin from now on. Resolves when it does, or cannot. */
  attend(origin: number): Promise<void> | undefined {
    if (this.#origins.has(origin)) return undefined;
    this.#origins.add(origin);
    return this.#hearFrom(origin);
  }

  async #hearFrom(origin: number): Promise<void> {
    await this.#listenTo?.(this.#originName(origin)).catch(() => {});
  }

  /** Sends what was told before, for a second at the most, and hears nothing after that. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#sending !== undefined) await this.#atMost(CLOSE_MS, this.#sending);
    this.#closing.resolve();
    await this.#listening;
  }

  #sendAll(): void {
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  async #send(): Promise<void> {
    const { database } = this.#parts;
    while (this.#waiting.length + this.#notices.length > 0) {
      const notices = this.#notices.splice(0).map((notice) => this.#addressed(notice));
      const messages = [...notices, ...this.noticesOf(this.#waiting.splice(0))];
      if (messages.length === 0) continue;
      const columns = columnsOf(messages);
      // A hint that is lost costs a poll interval.
      await (this.#notify?.(columns) ?? database.query(NOTIFY_ALL, columns)).catch(() => {});
    }
  }

  async #listen(): Promise<void> {
    for (let failures = 0; !this.#closed; ) {
      const startedAt = this.#parts.clock.monotonic();
      await this.#listenOnce().catch((error: unknown) => {
        if (failures === 0) this.#parts.tell["channel.failed"]?.({ error });
      });
      if (this.#closed) return;
      failures = this.#parts.clock.monotonic() - startedAt > RECONNECT_MS_MAX ? 0 : failures + 1;
      const pauseMs = Math.min(RECONNECT_MS_MIN * 2 ** failures, RECONNECT_MS_MAX);
      await this.#atMost(pauseMs, this.#closing.promise);
    }
  }

  /** Resolves when the connection has ended, or is given up. */
  async #listenOnce(): Promise<void> {
    const { options, topics, tell, sender } = this.#parts;
    // Of this connection alone: one before it may end later than the next begins.
    const ended = Promise.withResolvers<void>();
    const isOver = Promise.race([ended.promise, this.#closing.promise]);
    const name = `longrunning listener (${topics.join(", ")})`;
    const session = new Session({ ...options, name }, new Servers(options.address), {
      hear: (text) => this.#hear(text),
      over: ended.resolve,
    });
    try {
      const origins = [...this.#origins].map((origin) => this.#originName(origin));
      const names = [...topics.map((topic) => this.#nameOf(topic)), this.#homeName(sender), ...origins];
      this.#listenTo = (each) => session.query(`listen "${each.replaceAll('"', '""')}"`);
      await Promise.race([Promise.all(names.map(this.#listenTo)), isOver]);
      this.#heardAt = this.#parts.clock.monotonic();
      this.#notify = (columns) => session.query(NOTIFY_ALL, columns);
      this.#call(ended.resolve);
      tell["channel.connected"]?.({});
      await isOver;
      if (!this.#closed) tell["channel.ended"]?.({});
    } finally {
      this.#timer?.cancel();
      this.#notify = undefined;
      this.#listenTo = undefined;
      session.destroy();
    }
  }

  /** Resolves when the promise does, and after so long at the latest. */
  async #atMost(ms: number, promise: Promise<void>): Promise<void> {
    const over = Promise.withResolvers<void>();
    const timer = this.#parts.clock.after(ms, over.resolve);
    await Promise.race([promise, over.promise]);
    timer.cancel();
  }

  #addressed({ topic, home, origin, payload }: Notice): Message {
    if (home !== undefined) return [this.#homeName(home), payload];
    return [origin === undefined ? this.#nameOf(topic) : this.#originName(origin), payload];
  }

  /** The channel for what was begun in one process. */
  #originName(origin: number): string {
    return `longrunning_ends${origin}_${this.#parts.schema}`.slice(0, NAME_MAX);
  }

  /** The channel of one process. */
  #homeName(home: string): string {
    return `longrunning_home_${home}_${this.#parts.schema}`.slice(0, NAME_MAX);
  }

  #nameOf(topic: Topic): string {
    return `longrunning_${topic}_${this.#parts.schema}`.slice(0, NAME_MAX);
  }

  #hear(text: string): void {
    this.#heardAt = this.#parts.clock.monotonic();
    const heard = readPayload(text);
    if (heard === undefined || heard.sender === this.#parts.sender) return;
    if (heard.moved || heard.changes.length > 0) this.#parts.hear(heard);
  }

  /** Calls ourselves, and looks whether the last call was heard. */
  #call(giveUp: () => void): void {
    const calledAt = this.#parts.clock.monotonic();
    const { sender, topics } = this.#parts;
    const [topic = "work"] = topics;
    const message = [this.#nameOf(topic), JSON.stringify({ s: sender })];
    void this.#notify?.(columnsOf([message])).catch(() => {});
    this.#timer = this.#parts.clock.after(CALL_MS, () => {
      if (this.#heardAt < calledAt) giveUp();
      else this.#call(giveUp);
    });
  }
}
