import { isDeepStrictEqual } from "node:util";
import type { Caller } from "../../core/caller.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Sender, SenderSocket } from "../../core/ports/authenticate.ts";
import type { ResourceStore } from "../../core/ports/resource-store.ts";
import { hashOfKey, isApiKey } from "./api-key.ts";
import type { CertificateRules } from "./certificate-rules.ts";
import { ClientCertificates } from "./client-certificates.ts";
import type { Issuer } from "./issuer.ts";
import type { ApiKeyRecord } from "./key-rules.ts";
import { KnownKey } from "./known-key.ts";
import { presentedBy } from "./presented.ts";
import { keyInvalid, tokenInvalid } from "./refusals.ts";
import { StoredKeys } from "./stored-keys.ts";
import { Tokens } from "./tokens.ts";

/** The rules for credentials. */
export interface CredentialRules {
  readonly issuers: readonly Issuer[];
  readonly keys: readonly ApiKeyRecord[];
  readonly certificates: CertificateRules;
}

/** The parts of an authenticator. */
export interface AuthenticatorParts {
  /** Whether tokens are accepted in an address. */
  readonly tokensInAddress: boolean;
  readonly resources: ResourceStore;
  /** The store's time. */
  readonly time: () => number;
  readonly clock: Clock;
}

/**
 * Determines callers from the credentials of requests. A token determines the caller; without one a
 * key does, and without both a certificate. A key beside a token must be valid, and its principal
 * becomes the call's quota project; quotas count by the caller's principal.
 */
export class Authenticator {
  readonly #parts: AuthenticatorParts;
  readonly #stored: StoredKeys;
  readonly #watchers = new Set<() => void>();
  readonly #lastKeys = new WeakMap<SenderSocket, { readonly key: string; readonly hash: string }>();
  #tokens: Tokens | undefined;
  #keys: ReadonlyMap<string, KnownKey> = new Map();
  #proxies: CertificateRules = { trustedProxies: [] };
  #certificates = new ClientCertificates(this.#proxies);

  private constructor(parts: AuthenticatorParts) {
    this.#parts = parts;
    this.#stored = new StoredKeys({ ...parts, onRevoked: () => this.#tell() });
  }

  static async open(rules: CredentialRules, parts: AuthenticatorParts): Promise<Authenticator> {
    const authenticator = new Authenticator(parts);
    await authenticator.replace(rules);
    return authenticator;
  }

  /** Uses other rules from now on. Calls in progress, such as waits, are checked again. */
  async replace({ issuers, keys, certificates }: CredentialRules): Promise<void> {
    if (this.#tokens === undefined && issuers.length > 0)
      this.#tokens = await Tokens.open(issuers, this.#parts);
    else this.#tokens?.replace(issuers);
    const before = this.#keys;
    const knownOf = (record: ApiKeyRecord): KnownKey => {
      const known = before.get(record.hash);
      return known !== undefined && isDeepStrictEqual(known.record, record) ? known : new KnownKey(record);
    };
    this.#keys = new Map(keys.map((record) => [record.hash, knownOf(record)]));
    for (const [hash, key] of before) if (this.#keys.get(hash) !== key) key.revoke();
    if (!isDeepStrictEqual(this.#proxies, certificates)) {
      this.#certificates.replaced();
      this.#certificates = new ClientCertificates(certificates);
      this.#proxies = certificates;
    }
    this.#tell();
  }

  /**
   * Calls the listener when a credential may have become invalid. @returns a function that removes
   * the listener
   */
  watch(listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }

  stop(): void {
    this.#stored.stop();
  }

  /** Records that this process has revoked a key. */
  revoked(keyHash: string): void {
    this.#stored.revoked(keyHash);
  }

  /**
   * The caller of the credentials; undefined if there are none. Not a promise if the credentials
   * are known already.
   *
   * @throws {StatusError} for invalid credentials; the promise rejects likewise
   */
  callerOf(sender: Sender): Caller | undefined | Promise<Caller> {
    const { token, key } = presentedBy(sender, this.#parts.tokensInAddress);
    if (token !== undefined) {
      const caller = this.#callerOfToken(token);
      return key === undefined ? caller : this.#withQuotaOf(key, caller);
    }
    if (key !== undefined) return this.#callerOfKey(key, sender.socket);
    return current(this.#certificates.callerOf(sender), this.#parts.clock);
  }

  #callerOfToken(token: string): Caller | Promise<Caller> {
    if (this.#tokens === undefined) throw tokenInvalid("No issuer is accepted.");
    return this.#tokens.callerOf(token);
  }

  #callerOfKey(key: string, socket?: Sender["socket"]): Caller | Promise<Caller> {
    const hash = this.#hashOf(key, socket);
    const { clock } = this.#parts;
    const found = this.#keys.get(hash) ?? this.#stored.find(hash);
    return found instanceof Promise
      ? found.then((each) => callerOfKnown(each, clock))
      : callerOfKnown(found, clock);
  }

  async #withQuotaOf(key: string, caller: Caller | Promise<Caller>): Promise<Caller> {
    // Both promises need a listener for their rejection at once.
    const ofKey = Promise.resolve().then(() => this.#callerOfKey(key));
    const [who, { principal }] = await Promise.all([caller, ofKey]);
    return { ...who, quotaProject: principal };
  }

  /**
   * Remembers the last key of each connection, because the next call usually has the same; only as
   * long as the connection.
   */
  #hashOf(key: string, socket: Sender["socket"]): string {
    const last = socket === undefined ? undefined : this.#lastKeys.get(socket);
    if (last?.key === key) return last.hash;
    if (!isApiKey(key)) throw keyInvalid();
    const hash = hashOfKey(key);
    if (socket !== undefined) this.#lastKeys.set(socket, { key, hash });
    return hash;
  }

  #tell(): void {
    for (const each of this.#watchers) each();
  }
}

/** @throws {StatusError} INVALID_ARGUMENT API_KEY_INVALID */
function callerOfKnown(key: Pick<KnownKey, "caller"> | undefined, clock: Clock): Caller {
  if (key === undefined) throw keyInvalid();
  return checked(key.caller, clock);
}

function current(caller: Caller | undefined, clock: Clock): Caller | undefined {
  return caller === undefined ? undefined : checked(caller, clock);
}

/** @throws {StatusError} for a credential that is no longer valid */
function checked(caller: Caller, clock: Clock): Caller {
  const refusal = caller.credential?.refusal(clock.now());
  if (refusal !== undefined) throw refusal;
  return caller;
}
