import type { JWTVerifyGetKey } from "jose";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";

/** The package that verifies tokens; loaded where there is an issuer. */
export type Jose = typeof import("jose");

/** The keys of an issuer cannot be had at the moment. */
export class IssuerUnreachable extends Error {
  override readonly name = "IssuerUnreachable";
}

/**
 * The keys of an issuer, as its address tells them.
 *
 * Words: keys are *fresh* for ten minutes, and read again behind the back of callers after that; they are *kept* for a day
 * where the issuer does not answer. Nobody waits for an issuer whose keys are kept. One whose keys are not is asked by one
 * request at a time, however many callers there are, and left alone for some seconds after a failure.
 */
export class IssuerKeys {
  readonly #remote: ReturnType<Jose["createRemoteJWKSet"]>;
  readonly #jose: Jose;
  readonly #clock: Pick<Clock, "monotonic">;
  #readAt = Number.NEGATIVE_INFINITY;
  #failedAt = Number.NEGATIVE_INFINITY;

  /** @param how.answerMs how long the issuer may take */
  constructor(
    jose: Jose,
    address: string,
    {
      clock,
      answerMs = LIMITS.issuerAnswerMs,
    }: { readonly clock: Pick<Clock, "monotonic">; readonly answerMs?: number },
  ) {
    this.#jose = jose;
    this.#clock = clock;
    this.#remote = jose.createRemoteJWKSet(new URL(address), {
      cacheMaxAge: Number.POSITIVE_INFINITY,
      cooldownDuration: LIMITS.issuerCooldownMs,
      timeoutDuration: answerMs,
      [jose.customFetch]: (url, init) => this.#fetch(url, init),
    });
  }

  /**
   * The key that a token names.
   *
   * @throws {IssuerUnreachable}
   * @throws {errors.JWKSNoMatchingKey} and others of jose, for a token of no key of the issuer
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
      throw new IssuerUnreachable((error as Error).message, { cause: error });
    }
  };

  async #refresh(): Promise<void> {
    try {
      await this.#remote.reload();
    } catch {
      // The old keys are good for a while, and the next caller tries again.
    }
  }

  /** Whether it has failed a short while ago. */
  get #isResting(): boolean {
    return this.#clock.monotonic() - this.#failedAt < LIMITS.issuerRetryMs;
  }

  async #fetch(url: string, init: RequestInit): Promise<Response> {
    if (this.#isResting) throw new Error("The issuer did not answer a moment ago");
    try {
      const response = await fetch(url, init);
      const text = await limitedText(response);
      // Throws for what is no set of keys.
      this.#jose.createLocalJWKSet(JSON.parse(text) as Parameters<Jose["createLocalJWKSet"]>[0]);
      this.#readAt = this.#clock.monotonic();
      return new Response(text);
    } catch (error) {
      this.#failedAt = this.#clock.monotonic();
      throw error;
    }
  }
}

/** @throws {Error} for an error of the issuer, and a body that is larger than keys are */
async function limitedText(response: Response): Promise<string> {
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`The issuer answered with ${response.status}`);
  }
  const { issuerKeysBytesMax } = LIMITS;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    // Leaving the loop closes the connection.
    if (bytes > issuerKeysBytesMax)
      throw new Error(`The keys of the issuer have more than ${issuerKeysBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
