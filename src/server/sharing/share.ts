import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { Bag } from "../../core/value/bag.ts";
import type { Turns } from "./turns.ts";

const UNDER_WAY = Symbol("call under way of a share");
const ASIDE = Symbol("call aside of a share");

/** What carries the answer to one call: a response, or a stream of HTTP/2. */
export interface Answering {
  /** Bytes of the answer that the caller has not taken yet. */
  readonly writableLength: number;
  on(event: "close", listener: () => void): unknown;
}

/** What a connection is read from, where it can be told to wait. */
export interface Inlet {
  pause(): unknown;
  resume(): unknown;
  on(event: "resume", listener: () => void): unknown;
}

/** How a connection is. */
export interface ConnectionKind {
  /** Calls under way at once. */
  readonly callsMax: number;
  /** Whether answers go out in the order of the requests, as in HTTP/1.1: a call that waits then keeps all others waiting. */
  readonly isOrdered: boolean;
  readonly inlet?: Inlet | undefined;
  /** Is told how many calls have stepped aside, whenever that changes. */
  readonly onAside?: (count: number) => void;
}

/**
 * The share that one connection may take of the server: so many calls under way, so many bytes of answers that its caller
 * has not read, and few calls at once that take long. What comes beyond that waits until answers have left, and where the
 * connection can be told to wait, nothing more is read from it meanwhile. So a caller that does not read its answers has
 * nothing computed for it, and one that asks for much delays itself.
 *
 * A call is under way from its beginning until its answer has left. One that only waits for an operation steps aside:
 * one connection may wait for thousands.
 */
export class Share {
  readonly #turns: Turns;
  readonly #kind: ConnectionKind;
  readonly #underWay = new Bag<Answering>(UNDER_WAY);
  /** Calls that stepped aside. */
  readonly #aside = new Bag<Answering>(ASIDE);
  /** In the order in which they came. Each is told whether its caller is still there. */
  readonly #queue = new Map<Answering, (isHere: boolean) => void>();
  readonly #longQueue: (() => void)[] = [];
  #long = 0;
  #hasTurn = false;

  constructor(turns: Turns, kind: ConnectionKind) {
    this.#turns = turns;
    this.#kind = kind;
    kind.inlet?.on("resume", () => {
      // Node reads on whenever a request has been read to its end.
      if (this.#queue.size > 0) kind.inlet?.pause();
    });
  }

  /** Whether no call is open: an answer that is ready needs no place then. */
  get isIdle(): boolean {
    return this.#underWay.size === 0 && this.#aside.size === 0 && this.#queue.size === 0;
  }

  /** Begins a call, at once where there is room; not at all where its caller is gone before there is. */
  begin(answering: Answering, call: () => void): void {
    answering.on("close", () => this.#end(answering));
    if (this.#hasRoom && this.#queue.size === 0) {
      this.#underWay.add(answering);
      call();
    } else {
      this.#enqueue(answering, (isHere) => {
        if (isHere) call();
      });
    }
  }

  /** A call has nothing to do until something happens: others may be under way in its place. */
  stepAside(answering: Answering): void {
    if (this.#kind.isOrdered || !this.#underWay.delete(answering)) return;
    this.#aside.add(answering);
    this.#kind.onAside?.(this.#aside.size);
    this.#goOn();
  }

  /**
   * Resolves when there is room again for a call that stepped aside.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE
   */
  async stepBack(answering: Answering): Promise<void> {
    if (this.#underWay.has(answering)) return;
    if (!this.#isOpen(answering)) throw callerGone();
    this.#return(answering);
    if (this.#hasRoom && this.#queue.size === 0) {
      this.#underWay.add(answering);
      return;
    }
    const isHere = await new Promise<boolean>((resolve) => this.#enqueue(answering, resolve));
    if (!isHere) throw callerGone();
  }

  /**
   * Does what takes long, such as a page of a list: few at once, and each begins in a turn of its own.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE, and whatever `work` throws
   */
  async long<T>(answering: Answering, work: () => Promise<T>): Promise<T> {
    if (this.#long < LIMITS.connectionLongCallsMax) this.#long++;
    else await new Promise<void>((resolve) => void this.#longQueue.push(resolve));
    try {
      await this.nextTurn();
      if (!this.#isOpen(answering)) throw callerGone();
      return await work();
    } finally {
      // The place is handed on.
      const next = this.#longQueue.shift();
      if (next === undefined) this.#long--;
      else next();
    }
  }

  /** Lets all others have their turns of the event loop. */
  nextTurn(): Promise<void> {
    return this.#turns.next(this);
  }

  /** Whether the answer has not left. */
  #isOpen(answering: Answering): boolean {
    return this.#underWay.has(answering) || this.#aside.has(answering) || this.#queue.has(answering);
  }

  get #hasRoom(): boolean {
    if (this.#underWay.size === 0) return true;
    if (this.#underWay.size >= this.#kind.callsMax) return false;
    let unsent = 0;
    for (const { writableLength } of this.#underWay) unsent += writableLength;
    return unsent < LIMITS.connectionUnsentBytesMax;
  }

  #enqueue(answering: Answering, call: (isHere: boolean) => void): void {
    if (this.#queue.size === 0) this.#kind.inlet?.pause();
    this.#queue.set(answering, call);
    this.#goOn();
  }

  /** Begins the next of the queue in a turn to come, where there is room. */
  #goOn(): void {
    if (this.#hasTurn || this.#queue.size === 0 || !this.#hasRoom) return;
    this.#hasTurn = true;
    this.#turns.take(this, () => {
      this.#hasTurn = false;
      const [next] = this.#queue;
      if (next === undefined || !this.#hasRoom) return;
      const [answering, call] = next;
      this.#leaveQueue(answering);
      this.#underWay.add(answering);
      call(true);
      this.#goOn();
    });
  }

  #leaveQueue(answering: Answering): void {
    if (this.#queue.delete(answering) && this.#queue.size === 0) this.#kind.inlet?.resume();
  }

  #return(answering: Answering): void {
    if (this.#aside.delete(answering)) this.#kind.onAside?.(this.#aside.size);
  }

  #end(answering: Answering): void {
    this.#return(answering);
    this.#underWay.delete(answering);
    this.#queue.get(answering)?.(false);
    this.#leaveQueue(answering);
    this.#goOn();
  }
}

function callerGone(): Error {
  return serviceError("CALLER_GONE", "The caller disconnected before the call was executed.");
}
