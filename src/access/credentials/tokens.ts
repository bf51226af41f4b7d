import { hash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { JWTPayload } from "jose";
import type { Caller, Credential } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Issuer } from "./issuer.ts";
import { IssuerKeys, IssuerUnreachable, type Jose } from "./issuer-keys.ts";
import { scopeMissing, tokenExpired, tokenInvalid, tokenUnsupported, unchecked } from "./refusals.ts";
import { callerOfClaims } from "./claims.ts";
import { Recent } from "../../core/value/recent.ts";

/** The parts for verifying tokens. */
export interface TokensParts {
  readonly clock: Clock;
  /** The longest time for an issuer's answer. @default LIMITS.issuerAnswerMs */
  readonly answerMs?: number;
}

interface KnownIssuer {
  readonly issuer: Issuer;
  readonly keys: IssuerKeys;
}

interface KnownToken {
  readonly caller: Caller;
  /** Monotonic time. */
  readonly keptUntil: number;
}

/**
 * Access tokens: JWTs of the issuers in the rules. A verified token is remembered by its SHA-256
 * for a minute, but not beyond its expiry; the token itself is not kept.
 */
export class Tokens {
  readonly #jose: Jose;
  readonly #parts: TokensParts;
  #issuers: ReadonlyMap<string, KnownIssuer> = new Map();
  #known = new Recent<string, KnownToken>(LIMITS.tokensKept);
  /** Concurrent calls with the same token share one verification. */
  #verifying = new Map<string, Promise<Caller>>();

  private constructor(jose: Jose, parts: TokensParts) {
    this.#jose = jose;
    this.#parts = parts;
  }

  static async open(issuers: readonly Issuer[], parts: TokensParts): Promise<Tokens> {
    const tokens = new Tokens(await import("jose"), parts);
    tokens.replace(issuers);
    return tokens;
  }

  /**
   * Accepts tokens of other issuers from now on. Unchanged issuers keep their keys; callers of
   * changed ones must authenticate again.
   */
  replace(issuers: readonly Issuer[]): void {
    const before = this.#issuers;
    const knownOf = (issuer: Issuer): KnownIssuer => {
      const known = before.get(issuer.issuer);
      if (known !== undefined && isDeepStrictEqual(known.issuer, issuer)) return known;
      const isThere = known?.issuer.keysUrl === issuer.keysUrl;
      return { issuer, keys: isThere ? known.keys : new IssuerKeys(this.#jose, issuer.keysUrl, this.#parts) };
    };
    this.#issuers = new Map(issuers.map((issuer) => [issuer.issuer, knownOf(issuer)]));
    this.#known = new Recent(LIMITS.tokensKept);
    this.#verifying = new Map();
  }

  /**
   * The caller of a token; not a promise if it was verified recently.
   *
   * @throws {StatusError} UNAUTHENTICATED, PERMISSION_DENIED, UNAVAILABLE CREDENTIALS_UNCHECKED; the promise rejects likewise
   */
  callerOf(token: string): Caller | Promise<Caller> {
    const { clock } = this.#parts;
    if (token.length > LIMITS.tokenLengthMax) throw tokenInvalid("It is too long.");
    const tokenHash = hash("sha256", token, "base64");
    const known = this.#known.get(tokenHash);
    if (known !== undefined && clock.monotonic() < known.keptUntil) return known.caller;
    const verifying = this.#verifying;
    const underWay = verifying.get(tokenHash);
    if (underWay !== undefined) return underWay;
    const begun = this.#verify(token, tokenHash).finally(() => verifying.delete(tokenHash));
    verifying.set(tokenHash, begun);
    return begun;
  }

  async #verify(token: string, tokenHash: string): Promise<Caller> {
    const { clock } = this.#parts;
    // If issuers are replaced meanwhile, this map is no longer used.
    const kept = this.#known;
    const known = this.#issuerOf(token);
    const { issuer } = known;
    const payload = await this.#payloadOf(token, known);
    const missing = issuer.scopes.filter((scope) => !scopesOf(payload).includes(scope));
    if (missing.length > 0) throw scopeMissing(issuer.scopes);
    // Required, and verified at this point.
    const expiresMs = (payload.exp ?? 0) * 1_000;
    const credential: Credential = {
      refusal: (now) => {
        const current = this.#issuers.get(issuer.issuer)?.issuer;
        if (current === undefined) return unknownIssuer();
        if (current !== issuer && !isDeepStrictEqual(current, issuer)) return changedIssuer();
        return now < expiresMs + issuer.clockToleranceMs ? undefined : tokenExpired();
      },
    };
    const caller = callerOfClaims(payload, issuer, credential);
    const keptMs = Math.min(LIMITS.tokenKeptMs, expiresMs - clock.now());
    kept.set(tokenHash, { caller, keptUntil: clock.monotonic() + keptMs });
    return caller;
  }

  /** @throws {StatusError} if the token is not a JWT, or of an unknown issuer */
  #issuerOf(token: string): KnownIssuer {
    // Encrypted tokens have five parts, opaque ones have none.
    if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) throw tokenUnsupported();
    let iss: unknown;
    try {
      ({ iss } = this.#jose.decodeJwt(token));
    } catch {
      throw tokenUnsupported();
    }
    const known = typeof iss === "string" ? this.#issuers.get(iss) : undefined;
    if (known === undefined) throw unknownIssuer();
    return known;
  }

  async #payloadOf(token: string, { issuer, keys }: KnownIssuer): Promise<JWTPayload> {
    const { clock } = this.#parts;
    const options = {
      issuer: issuer.issuer,
      audience: [...issuer.audiences],
      algorithms: [...issuer.algorithms],
      clockTolerance: issuer.clockToleranceMs / 1_000,
      requiredClaims: ["exp", issuer.principal.claim],
      currentDate: new Date(clock.now()),
      ...(issuer.type === undefined ? {} : { typ: issuer.type }),
    };
    try {
      return (await this.#jose.jwtVerify(token, keys.find, options)).payload;
    } catch (error) {
      if (error instanceof this.#jose.errors.JWKSMultipleMatchingKeys) {
        for await (const key of error) {
          const verified = await this.#jose.jwtVerify(token, key, options).catch((other: unknown) => {
            if (other instanceof this.#jose.errors.JWSSignatureVerificationFailed) return undefined;
            throw this.#refusalOf(other);
          });
          if (verified !== undefined) return verified.payload;
        }
      }
      throw this.#refusalOf(error);
    }
  }

  #refusalOf(error: unknown): StatusError {
    const { errors } = this.#jose;
    if (error instanceof StatusError) return error;
    if (error instanceof IssuerUnreachable) return unchecked(LIMITS.issuerRetryMs, error);
    if (error instanceof errors.JWTExpired) return tokenExpired();
    if (error instanceof errors.JWTClaimValidationFailed && error.claim === "nbf")
      return tokenInvalid("It is not valid yet (nbf). Check the clocks of its issuer and of this server.");
    if (error instanceof errors.JWTClaimValidationFailed)
      return tokenInvalid(`Its claim ${error.claim} is not accepted.`);
    if (error instanceof errors.JOSEAlgNotAllowed) return tokenInvalid("Its algorithm is not accepted.");
    if (error instanceof errors.JWKSNoMatchingKey) return tokenInvalid("Its key is not known.");
    return tokenInvalid("Its signature does not verify.");
  }
}

function unknownIssuer(): StatusError {
  return tokenInvalid("The issuer of the access token is not accepted.");
}

function changedIssuer(): StatusError {
  return tokenInvalid("The rules for its issuer have changed.");
}

/** @see RFC 8693, section 4.2; some providers use a list */
function scopesOf({ scope, scp }: JWTPayload): readonly string[] {
  const given = scope ?? scp;
  if (typeof given === "string") return given.split(" ");
  return Array.isArray(given) ? given.filter((each) => typeof each === "string") : [];
}
