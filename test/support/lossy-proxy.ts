import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/** When the connection is lost: before a statement reaches the server, or after it was carried out and before its answer. */
export type Moment = "before" | "after";

/** What ends what the server is asked at once: a simple query, and the end of an extended one. */
const ENDS = new Set(["Q", "S"]);

/**
 * Stands between a client and PostgreSQL, and loses one connection at a statement that is counted: the one moment that a proxy
 * of bytes cannot choose.
 */
export class LossyProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #left = 0;
  #moment: Moment = "before";

  constructor(port: number) {
    this.#server = createServer((near) => this.#connect(near, connect(port, "127.0.0.1")));
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
    this.#moment = moment;
  }

  /** Whether the loss is still to come. Nothing is lost after this. */
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

  #connect(near: Socket, far: Socket): void {
    let isLosing = false;
    const end = (): void => {
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      this.#sockets.add(socket);
      socket
        .setNoDelay(true)
        .on("error", () => {})
        .once("close", end);
    }
    const cut = new Messages(true);
    near.on("data", (bytes) => {
      for (const message of cut.take(bytes)) {
        if (isLosing) return;
        if (ENDS.has(message.kind) && this.#left > 0 && --this.#left === 0) {
          if (this.#moment === "before") return end();
          isLosing = true;
        }
        far.write(message.bytes);
      }
    });
    const answers = new Messages(false);
    far.on("data", (bytes) => {
      if (!isLosing) near.write(bytes);
      // It is ready for the next: what it was asked is done, and committed where it was to be.
      for (const { kind } of answers.take(bytes)) if (isLosing && kind === "Z") end();
    });
  }
}

/** Cuts a stream of PostgreSQL's protocol into messages. The first of a client has no letter. */
class Messages {
  #rest: Buffer = Buffer.alloc(0);
  #isFirst: boolean;

  constructor(isClient: boolean) {
    this.#isFirst = isClient;
  }

  *take(bytes: Buffer): Generator<{ readonly kind: string; readonly bytes: Buffer }> {
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
