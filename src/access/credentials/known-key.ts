import type { Caller, Credential } from "../../core/caller.ts";
import type { StatusError } from "../../core/error/error.ts";
import type { ApiKeyRecord } from "./key-rules.ts";
import { keyExpired, keyInvalid } from "./refusals.ts";

/** An API key that a process knows: what its callers are let in by. */
export class KnownKey<Kept extends ApiKeyRecord = ApiKeyRecord> implements Credential {
  record: Kept;
  /** Who calls with it; the same object each time. */
  readonly caller: Caller;
  readonly #onUse: (key: this) => void;
  #isRevoked = false;
  #isUsed = false;
  /** When it was known to be good, on the monotonic clock. */
  checkedAt = Number.POSITIVE_INFINITY;

  /** @param onUse is called when it is used for the first time since {@link takeUsed} */
  constructor(record: Kept, onUse: (key: KnownKey<Kept>) => void = () => undefined) {
    this.record = record;
    this.#onUse = onUse;
    const { principal, groups } = record;
    const nothing = { quotaProject: undefined, traceparent: undefined };
    this.caller = { principal, tenant: null, groups, ...nothing, credential: this };
  }

  /** Somebody calls with it, or waits. */
  use(): void {
    if (this.#isUsed || this.#isRevoked) return;
    this.#isUsed = true;
    this.#onUse(this);
  }

  /** Whether it was used since this was asked last. */
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
