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

/** The parts of a channel. */
export interface ChannelParts {
  /** The clock for pauses and calls: the machine's, because they wait for the network. */
  readonly clock: Clock;
  readonly options: DatabaseOptions;
  /** Sends notices while no connection listens. */
  readonly database: Pick<Database, "query">;
  readonly schema: string;
  /** The topics that this process listens to; it sends messages of all topics. */
  readonly topics: readonly Topic[];
  /** Distinguishes this process's notices from all others. */
  readonly sender: string;
  readonly tell: Tell;
  /** The recipients of each change. @default everybody gets everything */
  readonly addresses?: Addresses;
  /** The origin of operations started in this process; present if callers may wait in it. */
  readonly origin?: number | undefined;
  /** Whether this process works on a method itself, or makes sure that others do. @default false */
  readonly runs?: (method: string) => boolean;
  /** Called with the changes that other processes announce. */
  readonly hear: (heard: Heard) => void;
}

/** A message: the channel's name in the database, and the payload. */
export type Message = readonly [channel: string, payload: string];

/** The longest name in PostgreSQL. */
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
  /** Sends over the listening connection, while there is one. */
  #notify: ((columns: readonly string[]) => Promise<unknown>) | undefined;

  /** Makes the listening connection, if there is one, listen to one more channel. */
  #listenTo: ((channel: string) => Promise<unknown>) | undefined;
  /** The origins whose finished operations this process must be told of. */
  readonly #origins: Set<number>;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#origins = new Set(parts.origin === undefined ? [] : [parts.origin]);
    this.#listening = this.#listen();
  }

  /** The topics that this process listens to. */
  get topics(): readonly Topic[] {
    return this.#parts.topics;
  }

  /** The messages that announce changes to other processes. */
  noticesOf(changes: readonly Change[]): readonly Message[] {
    const { sender, addresses, runs = () => false } = this.#parts;
    const homeOf = addresses?.homeOf ?? (() => EVERYBODY);
    const others: HomeOf = (method, shard) => (runs(method) ? NOBODY : homeOf(method, shard));
    return noticesOf(sender, changes, { ...addresses, homeOf: others }).map((notice) =>
      this.#addressed(notice),
    );
  }

  /** The messages that announce changes to every process, including this one. */
  noticesToAll(changes: readonly Change[]): readonly Message[] {
    return noticesOf("", changes, this.#parts.addresses).map((notice) => this.#addressed(notice));
  }

  /** Announces this process's commits to other processes. */
  tell(changes: readonly Change[]): void {
    if (this.#closed) return;
    this.#waiting.push(...changes);
    this.#sendAll();
  }

  /** Sends notices unchanged. */
  send(notices: readonly Notice[]): void {
    if (this.#closed) return;
    this.#notices.push(...notices);
    this.#sendAll();
  }

  /**
   * Listens for finished operations with this origin from now on. Resolves when it does, or if it
   * cannot.
   */
  attend(origin: number): Promise<void> | undefined {
    if (this.#origins.has(origin)) return undefined;
    this.#origins.add(origin);
    return this.#hearFrom(origin);
  }

  async #hearFrom(origin: number): Promise<void> {
    await this.#listenTo?.(this.#originName(origin)).catch(() => {});
  }

  /** Sends the remaining messages, for at most a second, and stops listening. */
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
      // A lost hint costs one poll interval.
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

  /** Resolves when the connection has ended or was given up. */
  async #listenOnce(): Promise<void> {
    const { options, topics, tell, sender } = this.#parts;
    // One promise per connection: an earlier connection may end after the next one begins.
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

  /** Resolves when the promise does, but at the latest after `ms`. */
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

  /** The channel for operations that one process started. */
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

  /** Sends a message to itself, and checks whether the previous one arrived. */
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
