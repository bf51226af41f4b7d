/** The port to API keys in the store, for creating and revoking them. */
export interface ApiKeys {
  /** @throws {StatusError} INVALID_ARGUMENT REQUEST_INVALID; RESOURCE_EXHAUSTED TOO_MANY_API_KEYS */
  create(key: NewApiKey): Promise<CreatedApiKey>;
  /** All keys, newest first. */
  list(): Promise<readonly ApiKey[]>;
  /** @throws {StatusError} NOT_FOUND API_KEY_NOT_FOUND */
  revoke(id: string): Promise<void>;
}

/** The parts of a new key. */
export interface NewApiKey {
  readonly principal: string;
  readonly groups: readonly string[];
  /** Milliseconds since the epoch; undefined for never. */
  readonly expireTime: number | undefined;
  /** The purpose of the key; empty for the default. */
  readonly environment: string;
}

/** A key, without the key itself. Times are milliseconds since the epoch. */
export interface ApiKey {
  readonly id: string;
  readonly sha256: string;
  readonly principal: string;
  readonly groups: readonly string[];
  /** The first characters of the key. */
  readonly prefix: string;
  readonly createTime: number;
  /** Null for never. */
  readonly expireTime: number | null;
  /** Accurate to an hour; null for never. */
  readonly lastUsedTime: number | null;
}

/** A new key with its secret text, which is never shown again. */
export interface CreatedApiKey {
  readonly key: string;
  readonly apiKey: ApiKey;
}
