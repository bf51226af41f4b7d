import type { Cell } from "./array.ts";
import { ended } from "./fault.ts";
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
  /** Who found nothing but sessions that transactions have for themselves. */
  readonly #waiting: (() => void)[] = [];
  #isOver = false;

  readonly #ageMsMax: number;

  /** @throws {TypeError} for an address that cannot be one */
  constructor(options: SessionOptions & { readonly connections: number }, ageMsMax = AGE_MS_MAX) {
    this.#options = options;
    this.#ageMsMax = ageMsMax;
    this.#servers = new Servers(options.address);
  }

  /** One statement in a transaction of its own. */
  async query(text: string, parameters: readonly Cell[]): Promise<readonly Row[]> {
    const session = this.#take() ?? (await this.#wait());
    return await session.query(text, parameters).finally(() => this.#wake());
  }

  /** Statements in one transaction. */
  async transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    const session = this.#take() ?? (await this.#wait());
    session.isReserved = true;
    return await session.transaction(run).finally(() => {
      session.isReserved = false;
      this.#wake();
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

  /** The best session there is; none where transactions have them all, or somebody waits already. */
  #take(): Session | undefined {
    return this.#waiting.length > 0 ? undefined : this.#pick();
  }

  #pick(): Session | undefined {
    if (this.#isOver) throw ended();
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

  async #wait(): Promise<Session> {
    for (;;) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const session = this.#pick();
      if (session === undefined) continue;
      // Where one has found a session, there may be room for the next.
      this.#wake();
      return session;
    }
  }

  #wake(): void {
    this.#waiting.shift()?.();
  }
}
