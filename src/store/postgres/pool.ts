import type { Cell } from "./array.ts";
import { connectionEnded } from "./fault.ts";
import { type Query, type Row, Session, type SessionOptions } from "./session.ts";
import { Servers } from "./servers.ts";

/**
 * An idle session older than this is ended and replaced, because servers and their addresses
 * change.
 */
const AGE_MS_MAX = 45 * 60_000;

/**
 * As many sessions as needed, up to a limit. A statement uses an idle session, or a new one, or
 * queues on the least busy one; a transaction has its session to itself.
 */
export class Pool {
  readonly #options: SessionOptions & { readonly connections: number };
  readonly #servers: Servers;
  readonly #sessions = new Set<Session>();
  /**
   * Callers that found only sessions reserved by transactions. Each returns whether it has begun.
   */
  readonly #waiting: (() => boolean)[] = [];
  #isOver = false;

  readonly #ageMsMax: number;

  /** @throws {TypeError} for an invalid address */
  constructor(options: SessionOptions & { readonly connections: number }, ageMsMax = AGE_MS_MAX) {
    this.#options = options;
    this.#ageMsMax = ageMsMax;
    this.#servers = new Servers(options.address);
  }

  /** Runs one statement in its own transaction. */
  query(text: string, parameters: readonly Cell[], isComposed = false): Promise<readonly Row[]> {
    return this.#use((session) => session.query(text, parameters, isComposed));
  }

  /** Runs statements in one transaction. */
  transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#use((session) => {
      session.isReserved = true;
      return session.transaction(run).finally(() => (session.isReserved = false));
    });
  }

  /** Ends all sessions after the work in progress. */
  async end(): Promise<void> {
    // A caller that still waits for a session opens a new one when another has ended.
    do await Promise.all([...this.#sessions].map((session) => session.close()));
    while (this.#sessions.size > 0);
    this.#isOver = true;
  }

  /** Ends all sessions at once, together with the work in progress. */
  destroy(): void {
    this.#isOver = true;
    for (const session of this.#sessions) session.destroy();
    this.#wake();
  }

  /**
   * Gives a session to `work` as soon as one is free. It is chosen and used in the same step: a
   * moment later, another caller's transaction might have begun on it.
   */
  async #use<Answer>(work: (session: Session) => Promise<Answer>): Promise<Answer> {
    const begin = (): Promise<Answer> | undefined => {
      const session = this.#pick();
      return session && work(session).finally(() => this.#wake());
    };
    const begun = this.#waiting.length > 0 ? undefined : begin();
    if (begun !== undefined) return await begun;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.#waiting.push(() => {
      try {
        const answer = begin();
        if (answer !== undefined) resolve(answer);
        return answer !== undefined;
      } catch (error) {
        reject(error);
        return true;
      }
    });
    return await promise;
  }

  /** The best available session; undefined if transactions reserve all of them. */
  #pick(): Session | undefined {
    if (this.#isOver) throw connectionEnded();
    let best: Session | undefined;
    for (const session of this.#sessions) {
      if (session.isReserved) continue;
      if (session.underWay === 0) {
        if (session.ageMs < this.#ageMsMax) return session;
        void session.close();
      } else if (best === undefined || session.underWay < best.underWay) best = session;
    }
    return this.#sessions.size < this.#options.connections ? this.#open() : best;
  }

  #open(): Session {
    const session: Session = new Session(this.#options, this.#servers, {
      over: () => {
        this.#sessions.delete(session);
        this.#wake();
      },
    });
    this.#sessions.add(session);
    return session;
  }

  /** Lets waiting callers begin in order, as far as there are sessions. */
  #wake(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next()) continue;
      this.#waiting.unshift(next);
      return;
    }
  }
}
