import type { Caller, Credential } from "../../core/caller.ts";
import type { StatusError } from "../../core/error/error.ts";
import type { ApiKeyRecord } from "./key-rules.ts";
import { keyExpired, keyInvalid } from "./refusals.ts";

/** An API key that this process knows, as the credential of its callers. */
export class KnownKey<Kept extends ApiKeyRecord = ApiKeyRecord> implements Credential {
  record: Kept;
  /** The caller with this key; always the same object. */
  readonly caller: Caller;
  readonly #onUse: (key: this) => void;
  #isRevoked = false;
  #isUsed = false;
  /** The monotonic time when the key was last known to be valid. */
  checkedAt = Number.POSITIVE_INFINITY;

  /** @param onUse called at the first use since {@link takeUsed} */
  constructor(record: Kept, onUse: (key: KnownKey<Kept>) => void = () => undefined) {
    this.record = record;
    this.#onUse = onUse;
    const { principal, groups } = record;
    const nothing = { quotaProject: undefined, traceparent: undefined };
    this.caller = { principal, tenant: null, groups, ...nothing, credential: this };
  }

  /** Records that a caller calls or waits with the key. */
  use(): void {
    if (this.#isUsed || this.#isRevoked) return;
    this.#isUsed = true;
    this.#onUse(this);
  }

  /** Whether the key was used since the last call of this method. */
  takeUsed(): boolean {
    const isUsed = this.#isUsed;
    this.#isUsed = false;
    return isUsed;
  }

  revoke(): void {
    this.#isRevoked = true;
  }

  refusal(now: number): StatusError | undefined {
    this.use();
    if (this.#isRevoked) return keyInvalid();
    const { expireTime } = this.record;
    return expireTime !== null && now >= expireTime ? keyExpired() : undefined;
  }
}
