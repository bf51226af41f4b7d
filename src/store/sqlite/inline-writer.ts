import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../../core/ports/clock.ts";
import type { Command } from "../../core/ports/store.ts";
import { type BesideOutcome, type BesideWrite, BesideWriter } from "./beside-writer.ts";
import type { WriteReport, WriterPort } from "./messages.ts";
import { readSettings, type SqliteSettings } from "./settings.ts";
import { Writer } from "./writer.ts";

/**
 * The writer on the main thread, for databases in memory, where no fsync can block the event loop.
 */
export class InlineWriter implements WriterPort {
  readonly #database: DatabaseSync;
  readonly #writer: Writer;
  readonly #beside: BesideWriter;

  constructor(database: DatabaseSync, clock?: Clock) {
    this.#database = database;
    this.#writer = new Writer(database, clock);
    this.#beside = new BesideWriter(database);
  }

  async write(commands: readonly Command[], now: number): Promise<WriteReport> {
    return this.#writer.run(commands, now);
  }

  async writeBeside(write: BesideWrite): Promise<BesideOutcome> {
    return this.#beside.run(write);
  }

  async settings(): Promise<SqliteSettings> {
    return readSettings(this.#database);
  }

  async close(): Promise<void> {
    // The store reads on the same connection and may have closed it.
    if (this.#database.isOpen) this.#database.close();
  }
}
