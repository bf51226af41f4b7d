import type { Cell } from "./array.ts";
import { connectionEnded } from "./fault.ts";
import { type Query, type Row, Session, type SessionOptions } from "./session.ts";
import { Servers } from "./servers.ts";

/** After so long a session that is idle is ended, and another takes its place: servers and their addresses change. */
const AGE_MS_MAX = 45 * 60_000;

/**
 * Sessions, as many as are needed and no more than are allowed. A statement takes one that is idle, or a new one, or goes out
 * behind the statements of the least busy; a transaction has its session for itself.
 */
export class Pool {
  readonly #options: SessionOptions & { readonly connections: number };
  readonly #servers: Servers;
  readonly #sessions = new Set<Session>();
  /** Who found nothing but sessions that transactions have for themselves. Each tells whether it has begun. */
  readonly #waiting: (() => boolean)[] = [];
  #isOver = false;

  readonly #ageMsMax: number;

  /** @throws {TypeError} for an address that cannot be one */
  constructor(options: SessionOptions & { readonly connections: number }, ageMsMax = AGE_MS_MAX) {
    this.#options = options;
    this.#ageMsMax = ageMsMax;
    this.#servers = new Servers(options.address);
  }

  /** One statement in a transaction of its own. */
  query(text: string, parameters: readonly Cell[], isComposed = false): Promise<readonly Row[]> {
    return this.#use((session) => session.query(text, parameters, isComposed));
  }

  /** Statements in one transaction. */
  transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    return this.#use((session) => {
      session.isReserved = true;
      return session.transaction(run).finally(() => (session.isReserved = false));
    });
  }

  /** Ends all sessions; what is under way on them is waited for. */
  async end(): Promise<void> {
    // Who still waits for a session takes the place of one that has ended.
    do await Promise.all([...this.#sessions].map((session) => session.close()));
    while (this.#sessions.size > 0);
    this.#isOver = true;
  }

  /** Ends all sessions at once, with everything that is under way. */
  destroy(): void {
    this.#isOver = true;
    for (const session of this.#sessions) session.destroy();
    this.#wake();
  }

  /**
   * Gives a session to `work` as soon as there is one. It is chosen and used in one go: a statement that came to it a moment
   * later would find itself in somebody's transaction.
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

  /** The best session there is; none where transactions have them all. */
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

  /** Lets those who wait begin, in their order, as far as there are sessions. */
  #wake(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (next()) continue;
      this.#waiting.unshift(next);
      return;
    }
  }
}
