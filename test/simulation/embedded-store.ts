import type { Tell } from "../../src/core/events.ts";
import type { Command } from "../../src/core/ports/store.ts";
import type { BesideOutcome, BesideWrite } from "../../src/store/sqlite/beside-writer.ts";
import type { WriteReport, WriterPort } from "../../src/store/sqlite/messages.ts";
import { StoreClock } from "../../src/store/sqlite/store-clock.ts";
import { SqliteStore } from "../../src/store/sqlite/store.ts";
import type { SimulatedDatabase } from "./database.ts";
import type { Life } from "./life.ts";
import type { Link } from "./network.ts";

interface EmbeddedParts {
  readonly life: Life;
  readonly link: Link;
  readonly database: SimulatedDatabase;
  readonly tell: Tell;
}

/**
 * The SQLite store, opened by a process whose predecessor is dead. Its writer takes as long as a
 * thread and a disk do.
 */
export function openEmbedded({ life, link, database, tell }: EmbeddedParts): SqliteStore {
  const time = new StoreClock({ clock: life, tell }, database.reopen());
  database.keepTime(time.now());
  return new SqliteStore({
    clock: life,
    tell,
    time,
    key: new Uint8Array(32),
    reading: database.within,
    writer: new SimulatedWriter({ life, link, database }),
  });
}

/**
 * The writer's thread: it executes one batch after the other. It may be slow, fail, or die with its
 * process.
 */
class SimulatedWriter implements WriterPort {
  readonly #parts: Omit<EmbeddedParts, "tell">;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: Omit<EmbeddedParts, "tell">) {
    this.#parts = parts;
  }

  write(commands: readonly Command[], now: number): Promise<WriteReport> {
    const written = this.#last.then(() => this.#carryOut(commands, now));
    this.#last = written;
    return written;
  }

  writeBeside(write: BesideWrite): Promise<BesideOutcome> {
    const { life, link, database } = this.#parts;
    return link.call(life, () => database.writeBeside(write));
  }

  settings(): Promise<never> {
    return Promise.reject(new Error("Nobody asks for the settings of a simulated writer"));
  }

  async close(): Promise<void> {
    await this.#last;
  }

  async #carryOut(commands: readonly Command[], now: number): Promise<WriteReport> {
    const { life, link, database } = this.#parts;
    try {
      return await link.call(life, () => {
        // The thread ends with its process.
        if (life.isDead) return { outcomes: [], changes: [] };
        database.keepTime(now);
        return database.write(commands, now);
      });
    } catch {
      const fault = { kind: "unavailable", message: "the disk is full" } as const;
      return { outcomes: commands.map(() => ({ fault })), changes: [] };
    }
  }
}
