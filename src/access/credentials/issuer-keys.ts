import type { JWTVerifyGetKey } from "jose";
import { causeMessage } from "../../core/error/cause.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";

/** The package that verifies tokens, loaded only if there is an issuer. */
export type Jose = typeof import("jose");

/** The keys of an issuer are temporarily unavailable. */
export class IssuerUnreachable extends Error {
  override readonly name = "IssuerUnreachable";
}

/**
 * The keys of an issuer, as its address publishes them.
 *
 * Terms: keys are *fresh* for ten minutes, and then read again in the background; they are *kept*
 * for a day if the issuer does not answer. No caller waits for an issuer with kept keys. Without
 * kept keys, one request at a time asks the issuer, however many callers there are, and after a
 * failure it is left alone for some seconds.
 */
export class IssuerKeys {
  readonly #remote: ReturnType<Jose["createRemoteJWKSet"]>;
  readonly #address: string;
  readonly #jose: Jose;
  readonly #clock: Pick<Clock, "monotonic">;
  #readAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param how.answerMs the longest time for the issuer's answer */
  constructor(
    jose: Jose,
    address: string,
    {
      clock,
      answerMs = LIMITS.issuerAnswerMs,
    }: { readonly clock: Pick<Clock, "monotonic">; readonly answerMs?: number },
  ) {
    this.#jose = jose;
    this.#address = address;
    this.#clock = clock;
    this.#remote = jose.createRemoteJWKSet(new URL(address), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: LIMITS.issuerCooldownMs,
      timeoutDuration: answerMs,
      [jose.customFetch]: (url, init) => this.#fetch(url, init),
    });
  }

  /**
   * Finds the key that a token names.
   *
   * @throws {IssuerUnreachable}
   * @throws {errors.JWKSNoMatchingKey} and other errors of jose if the issuer has no such key
   */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    const age = this.#clock.monotonic() - this.#readAt;
    try {
      if (age > LIMITS.issuerKeysKeptMs) await this.#remote.reload();
      else if (age > LIMITS.issuerKeysFreshMs && !this.#isResting) void this.#refresh();
      return await this.#remote(header, token);
    } catch (error) {
      const { JWKSNoMatchingKey, JWKSMultipleMatchingKeys } = this.#jose.errors;
      if (error instanceof JWKSNoMatchingKey || error instanceof JWKSMultipleMatchingKeys) throw error;
      const message = `the keys of the issuer at ${this.#address} cannot be read: ${causeMessage(error)}`;
      throw new IssuerUnreachable(message, { cause: error });
    }
  };

  async #refresh(): Promise<void> {
    try {
      await this.#remote.reload();
    } catch {
      // The old keys stay valid for a while, and the next caller tries again.
    }
  }

  /** Whether a request failed a short while ago. */
  get #isResting(): boolean {
    return this.#clock.monotonic() - this.#failedAt < LIMITS.issuerRetryMs;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    if (this.#isResting)
      throw new Error("the issuer did not answer a moment ago, and is asked again in some seconds");
    try {
      const { text } = await readKeySet(this.#jose, await fetch(url, init));
      this.#readAt = this.#clock.monotonic();
      return new Response(text);
    } catch (error) {
      this.#failedAt = this.#clock.monotonic();
      throw error;
    }
  }
}

/**
 * Reads the keys of an issuer from an answer.
 *
 * @throws {Error} for an error of the issuer, a body larger than any key set, or another text
 */
export async function readKeySet(
  jose: Pick<Jose, "createLocalJWKSet">,
  response: Response,
): Promise<{ readonly text: string; readonly count: number }> {
  const text = await limitedText(response);
  // Throws if the text is not a key set.
  const set = jose.createLocalJWKSet(JSON.parse(text) as Parameters<Jose["createLocalJWKSet"]>[0]);
  return { text, count: set.jwks().keys.length };
}

/** @throws {Error} for an error of the issuer, or a body larger than any key set */
async function limitedText(response: Response): Promise<string> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the answer has the status ${response.status}`);
  }
  const { issuerKeysBytesMax } = LIMITS;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > issuerKeysBytesMax) throw new Error(`the answer has more than ${issuerKeysBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
