import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * The moment of a lost connection: before a statement reaches the server, or after it was executed
 * and before its answer.
 */
export type Moment = "before" | "after";

/**
 * The place where a connection is held. `answer`: the statement has been executed and its answer is
 * held back. `commit`: the same for a statement with parameters that is a transaction of its own;
 * the transaction stays open until the connection continues.
 */
export type StopPoint = "answer" | "commit";

/** A connection that is held at a statement. */
export interface Stop {
  /** Resolves when the connection is held. */
  readonly reached: Promise<void>;
  /** Lets the connection continue; a connection that is not held yet will not be. */
  readonly release: () => void;
}

type Plan =
  | { readonly kind: "lose"; readonly moment: Moment }
  | { readonly kind: "stop"; readonly point: StopPoint; readonly reach: () => void };

/** No connection is held, and nothing waits for one. */
const NOBODY = (): void => {};

/**
 * Stands between a client and PostgreSQL, and loses or holds one connection at a statement with a
 * given number: a moment that a proxy of bytes cannot choose.
 */
export class StatementProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #port: number;
  #left = 0;
  #counts = { answer: 0, commit: 0 };
  #plan: Plan | undefined;
  #goOn = NOBODY;

  constructor(port: number) {
    this.#port = port;
    this.#server = createServer((near) => this.#connect(near));
  }

  /** The address of the database, through this proxy. */
  async listen(address: string): Promise<string> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const at = this.#server.address();
    if (at === null || typeof at === "string") throw new Error("A socket has no port");
    return Object.assign(new URL(address), { port: String(at.port) }).href;
  }

  /** Loses the connection at the `number`th statement from now on, once. */
  lose(number: number, moment: Moment): void {
    this.#left = number;
    this.#plan = { kind: "lose", moment };
  }

  /** Holds the connection at the `number`th suitable statement from now on, once. */
  stop(number: number, point: StopPoint): Stop {
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
    this.#left = number;
    this.#plan = { kind: "stop", point, reach };
    const release = (): void => {
      this.spared();
      this.#goOn();
    };
    return { reached, release };
  }

  /** The number of suitable statements since this was last called. */
  counted(): Readonly<Record<StopPoint, number>> {
    const counts = this.#counts;
    this.#counts = { answer: 0, commit: 0 };
    return counts;
  }

  /** Whether the loss, or the hold, has not happened. After this call it cannot happen. */
  spared(): boolean {
    const isSpared = this.#left > 0;
    this.#left = 0;
    return isSpared;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  #connect(near: Socket): void {
    const far = connect(this.#port, "127.0.0.1");
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket
        .setNoDelay(true)
        .on("error", () => {})
        .once("close", () => {
          this.#sockets.delete(socket);
          end();
        });
    }
    const stopped = (goOn: () => void): void => void (this.#goOn = goOn);
    const passage = new Passage({
      near,
      far,
      stopped,
      planOf: (message, isIdle) => this.#planOf(message, isIdle),
    });
    near.on("data", (bytes) => passage.ask(bytes));
    far.on("data", (bytes) => passage.answer(bytes));
  }

  /** Counts a statement that begins with the message. @returns what to do with it */
  #planOf({ kind }: Message, isIdle: boolean): Plan | undefined {
    const isAlone = kind !== "Q" && isIdle;
    this.#counts.answer++;
    if (isAlone) this.#counts.commit++;
    if (this.#left === 0 || this.#plan === undefined) return undefined;
    const plan = this.#plan;
    if (plan.kind === "stop" && plan.point === "commit" && !isAlone) return undefined;
    return --this.#left === 0 ? plan : undefined;
  }
}

interface Message {
  readonly kind: string;
  readonly bytes: Buffer;
}

interface PassageParts {
  readonly near: Socket;
  readonly far: Socket;
  readonly planOf: (message: Message, isIdle: boolean) => Plan | undefined;
  /** Receives the function that lets a held connection continue. */
  readonly stopped: (goOn: () => void) => void;
}

/** Messages that begin a statement: a simple query, and the messages of an extended one. */
const BEGINNINGS = new Set(["Q", "P", "B"]);
/** Messages that end a group of requests to the server. */
const ENDS = new Set(["Q", "S"]);
/** Messages that end a statement's answer: complete, error or empty, and then "ready for query". */
const OUTCOMES = new Set(["C", "E", "I", "Z"]);
const READY = "Z";
/** The last byte of READY while no transaction is open. */
const IDLE = "I".charCodeAt(0);

/**
 * One connection through the proxy. A statement goes to the server after the one before it was
 * answered.
 */
class Passage {
  readonly #parts: PassageParts;
  readonly #asked = new Messages(true);
  readonly #answered = new Messages(false);
  /** Messages that wait for an answer, or for the connection to continue. */
  readonly #waiting: Message[] = [];
  /** The end of the answer that is held back. */
  readonly #kept: Buffer[] = [];
  #plan: Plan | undefined;
  /** Whether a statement has begun whose last message has not arrived. */
  #isInside = false;
  #isPaused = false;
  #isIdle = true;
  /** Called when a statement of the proxy's own has been executed. */
  #ordered: (() => void) | undefined;

  constructor(parts: PassageParts) {
    this.#parts = parts;
  }

  ask(bytes: Buffer): void {
    this.#waiting.push(...this.#asked.take(bytes));
    this.#passOn();
  }

  answer(bytes: Buffer): void {
    for (const message of this.#answered.take(bytes)) {
      const isReady = message.kind === READY;
      if (isReady) this.#isIdle = message.bytes.at(-1) === IDLE;
      if (this.#ordered !== undefined) {
        if (isReady) this.#ordered();
      } else if (this.#plan === undefined || this.#isInside) {
        this.#parts.near.write(message.bytes);
        if (isReady) this.#goOn();
      } else this.#keep(this.#plan, message);
    }
  }

  #goOn(): void {
    this.#isPaused = false;
    this.#passOn();
  }

  #passOn(): void {
    while (!this.#isPaused) {
      const message = this.#waiting.shift();
      if (message === undefined) return;
      this.#pass(message);
    }
  }

  #pass(message: Message): void {
    const { near, far, planOf } = this.#parts;
    if (!this.#isInside && BEGINNINGS.has(message.kind)) {
      this.#plan = planOf(message, this.#isIdle);
      if (this.#plan?.kind === "lose" && this.#plan.moment === "before") {
        near.destroy();
        return;
      }
      this.#isInside = true;
      if (this.#plan?.kind === "stop" && this.#plan.point === "commit") this.#order("begin");
    }
    far.write(message.bytes);
    if (!ENDS.has(message.kind)) return;
    this.#isInside = false;
    this.#isPaused = true;
  }

  /** Holds back the end of an answer, or a whole answer that the client must not see. */
  #keep(plan: Plan, message: Message): void {
    const { near, stopped } = this.#parts;
    if (plan.kind === "stop" && !OUTCOMES.has(message.kind)) near.write(message.bytes);
    else this.#kept.push(message.bytes);
    if (message.kind !== READY) return;
    if (plan.kind === "lose") {
      near.destroy();
      return;
    }
    stopped(() => {
      stopped(NOBODY);
      if (plan.point === "commit") this.#order("commit", () => this.#tell(true));
      else this.#tell(false);
    });
    plan.reach();
  }

  /** Forwards the data that was held back. */
  #tell(isIdle: boolean): void {
    this.#plan = undefined;
    if (isIdle) this.#kept.at(-1)?.writeUInt8(IDLE, READY_BYTES - 1);
    for (const bytes of this.#kept.splice(0)) this.#parts.near.write(bytes);
    this.#goOn();
  }

  /** Sends a statement of the proxy's own, whose answer the client does not see. */
  #order(text: string, then = NOBODY): void {
    const bytes = Buffer.alloc(text.length + 6);
    bytes.write("Q");
    bytes.writeUInt32BE(text.length + 5, 1);
    bytes.write(text, 5);
    this.#ordered = () => {
      this.#ordered = undefined;
      then();
    };
    this.#parts.far.write(bytes);
  }
}

/** A letter, a length, and the state of the transaction. */
const READY_BYTES = 6;

/**
 * Splits a stream of PostgreSQL's protocol into messages. A client's first message has no letter.
 */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  #isFirst: boolean;

  constructor(isClient: boolean) {
    this.#isFirst = isClient;
  }

  *take(bytes: Buffer): Generator<Message> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const head = this.#isFirst ? 0 : 1;
      if (this.#rest.length < head + 4) return;
      const length = head + this.#rest.readUInt32BE(head);
      if (this.#rest.length < length) return;
      const message = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      yield { kind: this.#isFirst ? "" : String.fromCodePoint(message[0] ?? 0), bytes: message };
      this.#isFirst = false;
    }
  }
}
