import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { Bag } from "../../core/value/bag.ts";
import { bodyRoomOfProcess } from "./body-room.ts";
import { Hold, type Room } from "./room.ts";
import { pageRoomOfProcess } from "./page-room.ts";
import type { Turns } from "./turns.ts";
import { Recent } from "../../core/value/recent.ts";

const UNDER_WAY = Symbol("call under way of a share");
const ASIDE = Symbol("call aside of a share");

/** The answer to one call: a response, or a stream of HTTP/2. */
export interface Answering {
  /** Bytes of the answer that the caller has not received yet. */
  readonly writableLength: number;
  on(event: "close", listener: () => void): unknown;
}

/** The readable side of a connection, if it can be paused. */
export interface Inlet {
  pause(): unknown;
  resume(): unknown;
  on(event: "resume", listener: () => void): unknown;
}

/** The properties of a connection. */
export interface ConnectionKind {
  /** The most calls in progress at once. */
  readonly callsMax: number;
  /**
   * Whether answers are sent in the order of the requests, as in HTTP/1.1: a waiting call then
   * delays all later ones.
   */
  readonly isOrdered: boolean;
  readonly inlet?: Inlet | undefined;
  /** The room for the bodies of its requests. @default that of the process */
  readonly bodies?: Room;
  /** The room for the pages that it lists. @default that of the process */
  readonly pages?: Room;
  /** Called with the number of calls that have stepped aside, whenever it changes. */
  readonly onAside?: (count: number) => void;
}

/**
 * The part of the server that one connection may use: a number of calls in progress, a number of
 * unread bytes of answers, and a few long calls at once. Further calls wait until answers have
 * left; meanwhile nothing more is read from the connection, if it can be paused. So nothing is
 * computed for a caller that does not read its answers, and a caller that asks for much delays only
 * itself.
 *
 * A call is in progress from its start until its answer has left. A call that only waits for an
 * operation steps aside, so one connection may wait for thousands.
 *
 * The queues are created when they are needed, because most of ten thousand connections never need
 * them.
 */
export class Share {
  readonly bodies: Room;
  readonly pages: Room;
  readonly #turns: Turns;
  readonly #kind: ConnectionKind;
  readonly #underWay = new Bag<Answering>(UNDER_WAY);
  /** The calls that have stepped aside. */
  #aside: Bag<Answering> | undefined;
  /** The waiting calls in order. Each callback gets whether the caller is still connected. */
  #queue: Recent<Answering, (isHere: boolean) => void> | undefined;
  #longQueue: (() => void)[] | undefined;
  /** The pages that wait for room. The calls of a batch share an answer, so it may have many. */
  #pagesWaiting: Map<Hold, Answering> | undefined;
  #long = 0;
  #hasTurn = false;

  constructor(turns: Turns, kind: ConnectionKind) {
    this.#turns = turns;
    this.bodies = kind.bodies ?? bodyRoomOfProcess();
    this.pages = kind.pages ?? pageRoomOfProcess();
    this.#kind = kind;
    kind.inlet?.on("resume", () => {
      // Node resumes reading after every complete request.
      if (this.#hasQueue) kind.inlet?.pause();
    });
  }

  /** Whether no call is open: a cached answer then needs no place. */
  get isIdle(): boolean {
    return this.#underWay.size === 0 && (this.#aside?.size ?? 0) === 0 && !this.#hasQueue;
  }

  /** Begins a call, at once if there is room; never if its caller disconnects before there is. */
  begin(answering: Answering, call: () => void): void {
    answering.on("close", () => this.#end(answering));
    if (this.#hasRoom && !this.#hasQueue) {
      this.#underWay.add(answering);
      call();
    } else {
      this.#enqueue(answering, (isHere) => {
        if (isHere) call();
      });
    }
  }

  /** Gives up the place of a call that only waits, so that others can use it. */
  stepAside(answering: Answering): void {
    if (this.#kind.isOrdered || !this.#underWay.delete(answering)) return;
    this.#aside ??= new Bag(ASIDE);
    this.#aside.add(answering);
    this.#kind.onAside?.(this.#aside.size);
    this.#goOn();
  }

  /**
   * Resolves when there is room again for a call that has stepped aside.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE
   */
  async stepBack(answering: Answering): Promise<void> {
    if (this.#underWay.has(answering)) return;
    if (!this.#isOpen(answering)) throw callerGone();
    this.#return(answering);
    if (this.#hasRoom && !this.#hasQueue) {
      this.#underWay.add(answering);
      return;
    }
    const isHere = await new Promise<boolean>((resolve) => this.#enqueue(answering, resolve));
    if (!isHere) throw callerGone();
  }

  /**
   * Runs long work, such as a page of a list: only a few at once, each in its own turn.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE, and errors of `work`
   */
  async long<T>(answering: Answering, work: () => Promise<T>): Promise<T> {
    if (this.#long < LIMITS.connectionLongCallsMax) this.#long++;
    else await new Promise<void>((resolve) => void (this.#longQueue ??= []).push(resolve));
    try {
      await this.nextTurn();
      if (!this.#isOpen(answering)) throw callerGone();
      return await work();
    } finally {
      // Pass the place to the next call.
      const next = this.#longQueue?.shift();
      if (next === undefined) this.#long--;
      else next();
    }
  }

  /**
   * Reads a page of a list and makes its answer, when there is room for a page.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE, UNAVAILABLE TOO_MANY_PAGES, and errors of `work`
   */
  async page<T>(answering: Answering, work: () => Promise<T>): Promise<T> {
    const hold = new Hold(this.pages);
    const turn = hold.take(LIMITS.pageRoomBytes);
    try {
      if (turn !== undefined) {
        this.#pagesWaiting ??= new Map();
        this.#pagesWaiting.set(hold, answering);
        await turn;
      }
      return await work();
    } finally {
      this.#pagesWaiting?.delete(hold);
      hold.end();
    }
  }

  /** Lets all other work have its turns of the event loop. */
  nextTurn(): Promise<void> {
    return this.#turns.next(this);
  }

  /** Whether the answer has not left yet. */
  #isOpen(answering: Answering): boolean {
    return (
      this.#underWay.has(answering) ||
      this.#aside?.has(answering) === true ||
      this.#queue?.has(answering) === true
    );
  }

  get #hasQueue(): boolean {
    return this.#queue !== undefined && this.#queue.size > 0;
  }

  get #hasRoom(): boolean {
    if (this.#underWay.size === 0) return true;
    if (this.#underWay.size >= this.#kind.callsMax) return false;
    let unsent = 0;
    for (const { writableLength } of this.#underWay) unsent += writableLength;
    return unsent < LIMITS.connectionUnsentBytesMax;
  }

  #enqueue(answering: Answering, call: (isHere: boolean) => void): void {
    if (!this.#hasQueue) this.#kind.inlet?.pause();
    this.#queue ??= new Recent();
    this.#queue.set(answering, call);
    this.#goOn();
  }

  /** Begins the next waiting call in a later turn, if there is room. */
  #goOn(): void {
    if (this.#hasTurn || !this.#hasQueue || !this.#hasRoom) return;
    this.#hasTurn = true;
    this.#turns.take(this, () => {
      this.#hasTurn = false;
      const next = this.#queue?.oldest;
      if (next === undefined || !this.#hasRoom) return;
      const { key: answering, value: call } = next;
      this.#leaveQueue(answering);
      this.#underWay.add(answering);
      call(true);
      this.#goOn();
    });
  }

  #leaveQueue(answering: Answering): void {
    if (this.#queue?.delete(answering) === true && !this.#hasQueue) this.#kind.inlet?.resume();
  }

  #return(answering: Answering): void {
    if (this.#aside?.delete(answering) === true) this.#kind.onAside?.(this.#aside.size);
  }

  #end(answering: Answering): void {
    this.#return(answering);
    this.#underWay.delete(answering);
    this.#queue?.get(answering)?.(false);
    this.#leaveQueue(answering);
    for (const [page, of] of this.#pagesWaiting ?? []) if (of === answering) page.end();
    this.#goOn();
  }
}

function callerGone(): Error {
  return serviceError("CALLER_GONE", "The caller disconnected before the call was executed.");
}
