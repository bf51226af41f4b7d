import type { Tell } from "../../core/events.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Change } from "../../core/ports/store.ts";
import type { Database, DatabaseOptions } from "./database.ts";
import { type Notice, noticesOf, readPayload, type Topic } from "./notices.ts";
import { Session } from "./session.ts";
import { Servers } from "./servers.ts";
import { NOTIFY } from "./statements.ts";

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
  /** Is told what other processes changed. */
  readonly hear: (changes: readonly Change[]) => void;
}

/** What is sent: the channel's name in the database, and the payload. */
export type Message = readonly [channel: string, payload: string];

/** Of a name in PostgreSQL. */
const NAME_MAX = 63;
/** A connection that hears nothing for so long, its own call included, is dead and does not know it. */
const CALL_MS = 5_000;
/** What is still to be sent when a store is closed gets so long. */
const CLOSE_MS = 1_000;
const RECONNECT_MS_MIN = 100;
const RECONNECT_MS_MAX = 2_000;

/**
 * Tells other processes of changes, and hears of theirs, by NOTIFY and LISTEN.
 *
 * Hints, no more: they are dropped when they cannot be sent. Changes that come while a notice is under way travel with the
 * next. One connection listens, and sends: what it sends comes back to it with the answer, where another would have to be
 * woken for it. It is opened anew whenever it ends, and when it does not bring our own call in time.
 */
export class Channel {
  readonly #parts: ChannelParts;
  #waiting: Change[] = [];
  #sending: Promise<void> | undefined;
  #closed = false;
  #heardAt = 0;
  readonly #closing = Promise.withResolvers<void>();
  #timer: Timer | undefined;
  readonly #listening: Promise<void>;
  /** Sends over the connection that listens, while one does. */
  #notify: ((message: Message) => Promise<unknown>) | undefined;

  constructor(parts: ChannelParts) {
    this.#parts = parts;
    this.#listening = this.#listen();
  }

  /** What this process hears of. */
  get topics(): readonly Topic[] {
    return this.#parts.topics;
  }

  /** What tells other processes of changes. */
  noticesOf(changes: readonly Change[]): readonly Message[] {
    return noticesOf(this.#parts.sender, changes).map((notice) => this.#addressed(notice));
  }

  /** What tells every process, this one included, of changes. */
  noticesToAll(changes: readonly Change[]): readonly Message[] {
    return noticesOf("", changes).map((notice) => this.#addressed(notice));
  }

  /** Tells other processes of what this one has committed. */
  tell(changes: readonly Change[]): void {
    if (this.#closed) return;
    this.#waiting.push(...changes);
    this.#sending ??= this.#send().finally(() => (this.#sending = undefined));
  }

  /** Sends what was told before, for a second at the most, and hears nothing after that. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#sending !== undefined) await this.#atMost(CLOSE_MS, this.#sending);
    this.#closing.resolve();
    await this.#listening;
  }

  async #send(): Promise<void> {
    const { database } = this.#parts;
    while (this.#waiting.length > 0) {
      for (const message of this.noticesOf(this.#waiting.splice(0))) {
        const sent = this.#notify?.(message) ?? database.query(NOTIFY, message);
        // A hint that is lost costs a poll interval.
        await sent.catch(() => {});
      }
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
    const { options, topics, tell } = this.#parts;
    // Of this connection alone: one before it may end later than the next begins.
    const ended = Promise.withResolvers<void>();
    const isOver = Promise.race([ended.promise, this.#closing.promise]);
    const name = `longrunning listener (${topics.join(", ")})`;
    const session = new Session({ ...options, name }, new Servers(options.address), {
      hear: (text) => this.#hear(text),
      over: ended.resolve,
    });
    try {
      const names = topics.map((topic) => `"${this.#nameOf(topic).replaceAll('"', '""')}"`);
      await Promise.race([Promise.all(names.map((each) => session.query(`listen ${each}`))), isOver]);
      this.#heardAt = this.#parts.clock.monotonic();
      this.#notify = (message) => session.query(NOTIFY, message);
      this.#call(ended.resolve);
      tell["channel.connected"]?.({});
      await isOver;
      if (!this.#closed) tell["channel.ended"]?.({});
    } finally {
      this.#timer?.cancel();
      this.#notify = undefined;
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

  #addressed({ topic, payload }: Notice): Message {
    return [this.#nameOf(topic), payload];
  }

  #nameOf(topic: Topic): string {
    return `longrunning_${topic}_${this.#parts.schema}`.slice(0, NAME_MAX);
  }

  #hear(text: string): void {
    this.#heardAt = this.#parts.clock.monotonic();
    const payload = readPayload(text);
    if (payload !== undefined && payload.sender !== this.#parts.sender && payload.changes.length > 0) {
      this.#parts.hear(payload.changes);
    }
  }

  /** Calls ourselves, and looks whether the last call was heard. */
  #call(giveUp: () => void): void {
    const calledAt = this.#parts.clock.monotonic();
    const { sender, topics } = this.#parts;
    const [topic = "work"] = topics;
    void this.#notify?.([this.#nameOf(topic), JSON.stringify({ s: sender })]).catch(() => {});
    this.#timer = this.#parts.clock.after(CALL_MS, () => {
      if (this.#heardAt < calledAt) giveUp();
      else this.#call(giveUp);
    });
  }
}
