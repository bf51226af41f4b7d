import type { ApiKey, ApiKeys, CreatedApiKey, NewApiKey } from "../../core/ports/api-keys.ts";
import type { Operator } from "./access.ts";

/** Executes a call after it checks the operator's permission. */
type Act = <T>(operator: Operator, rpc: string, act: () => Promise<T>) => Promise<T>;

/**
 * API keys for operators. An operator who can create keys can act as any principal, so this is a
 * separate action.
 */
export class OperatorKeys {
  readonly #keys: ApiKeys;
  readonly #act: Act;

  constructor(keys: ApiKeys, act: Act) {
    this.#keys = keys;
    this.#act = act;
  }

  /** @throws {StatusError} as {@link ApiKeys.create} */
  create(operator: Operator, key: NewApiKey): Promise<CreatedApiKey> {
    return this.#act(operator, "CreateApiKey", () => this.#keys.create(key));
  }

  /** All keys in the store, newest first. */
  list(operator: Operator): Promise<readonly ApiKey[]> {
    return this.#act(operator, "ListApiKeys", () => this.#keys.list());
  }

  /** Revokes a key in every process. @throws {StatusError} NOT_FOUND API_KEY_NOT_FOUND */
  revoke(operator: Operator, id: string): Promise<void> {
    return this.#act(operator, "RevokeApiKey", () => this.#keys.revoke(id));
  }
}
