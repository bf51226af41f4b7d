import { folders, sqliteFiles } from "./stores/files.ts";
import { postgresServer } from "./stores/postgres.ts";
import { redisServers } from "./stores/redis.ts";
import type { StoreKind, StoreServer } from "./stores/store.ts";

/** The stores of a run; each kind is opened for the first peer that needs it. */
export class Stores {
  readonly #folder: string;
  readonly #opened = new Map<StoreKind, StoreServer>();

  /** @param folder for the files of stores without a place of their own */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws {Unavailable} if the store is not available here */
  async of(kind: StoreKind): Promise<StoreServer> {
    const opened = this.#opened.get(kind) ?? (await this.#open(kind));
    this.#opened.set(kind, opened);
    return opened;
  }

  /** The opened stores, with their settings. */
  settings(): Readonly<Record<string, string>> {
    return Object.fromEntries([...this.#opened].map(([kind, { settings }]) => [kind, settings]));
  }

  async close(): Promise<void> {
    for (const store of this.#opened.values()) await store.close();
  }

  async #open(kind: StoreKind): Promise<StoreServer> {
    switch (kind) {
      case "postgres":
        return await postgresServer();
      case "sqlite":
        return sqliteFiles(this.#folder);
      case "redis-everysec":
        return redisServers(this.#folder, "everysec");
      case "redis-always":
        return redisServers(this.#folder, "always");
      case "own":
        return folders(this.#folder);
    }
  }
}
