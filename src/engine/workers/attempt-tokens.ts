import { createHmac, timingSafeEqual } from "node:crypto";
import type { AttemptToken } from "../../core/method/attempt-details.ts";
import { formatName } from "../../core/operation/name.ts";
import type { ClaimedAttempt } from "./worker-calls.ts";

const WORKER_BYTES = 6;
const MAC_BYTES = 16;

/**
 * Proves that its holder claimed an attempt: a MAC over the operation's name, the number of the
 * attempt and the worker, with a key that all processes on the store have. It is verified without a
 * read.
 *
 * @see docs/decisions/0072-tokens-are-checked-without-a-read.md
 */
export class AttemptTokens {
  readonly #key: Buffer;
  /** The worker of the last token: the operations of a claim have the same one. */
  #last: { readonly worker: string; readonly who: Buffer } | undefined;

  /** @param storeKey see `Store.key` */
  constructor(storeKey: Uint8Array) {
    this.#key = createHmac("sha256", storeKey).update("tokens of attempts").digest();
  }

  /** The token of an attempt. @param worker the worker's name in the record */
  tokenOf({ name, attempt }: Omit<ClaimedAttempt, "token">, worker: string): string {
    if (this.#last?.worker !== worker)
      this.#last = { worker, who: this.#mac(worker).subarray(0, WORKER_BYTES) };
    const { who } = this.#last;
    return Buffer.concat([who, this.#macOf(name, attempt, who)]).toString("base64url");
  }

  /** Whether a token belongs to its attempt. */
  fits({ name, attempt, token }: ClaimedAttempt): boolean {
    const bytes = Buffer.from(token, "base64url");
    if (bytes.length !== WORKER_BYTES + MAC_BYTES) return false;
    const who = bytes.subarray(0, WORKER_BYTES);
    return timingSafeEqual(bytes.subarray(WORKER_BYTES), this.#macOf(name, attempt, who));
  }

  #macOf(name: string, attempt: number, who: Buffer): Buffer {
    return this.#mac(JSON.stringify([name, attempt, who.toString("hex")])).subarray(0, MAC_BYTES);
  }

  #mac(text: string): Buffer {
    return createHmac("sha256", this.#key).update(text).digest();
  }
}

/**
 * Creates tokens for a worker's claims, for handlers that let others end the attempt.
 *
 * @param storeKey see `Store.key`
 * @param worker the worker's name in records
 */
export function attemptTokenOf(storeKey: Uint8Array, worker: string): AttemptToken {
  const tokens = new AttemptTokens(storeKey);
  return (operation) => tokens.tokenOf({ name: formatName(operation), attempt: operation.attempt }, worker);
}
