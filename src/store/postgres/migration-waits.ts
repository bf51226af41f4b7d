import { type Timer, systemClock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import type { Query, Row } from "./session.ts";
import { WAITED_FOR } from "./statements-service.ts";

/** The parts of a {@link MigrationWaits}. */
export interface MigrationWaitsParts {
  /** Queries the database over a connection that waits for no lock. */
  readonly query: Query;
  /** The name of migrating sessions in `pg_stat_activity`. */
  readonly name: string;
  readonly tell: Tell;
  /** @default a second, and then every two */
  readonly everyMs?: number;
}

const EVERY_MS = 1_500;
/** The same message is repeated after this time. */
const AGAIN_MS = 30_000;

/**
 * Shows operators the session that blocks a migration. Building an index waits for every older
 * transaction, and changing a table waits for every session that uses it. Either can take for ever,
 * without any visible sign.
 */
export class MigrationWaits {
  readonly #parts: MigrationWaitsParts;
  #timer: Timer | undefined;
  #told = "";
  #toldAt = 0;
  #stopped = false;

  constructor(parts: MigrationWaitsParts) {
    this.#parts = parts;
    this.#later();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #later(): void {
    if (this.#stopped) return;
    this.#timer = systemClock.after(this.#parts.everyMs ?? EVERY_MS, () => {
      // After an error, ask again later; the migration reports its own errors.
      void this.#look().then(
        () => this.#later(),
        () => this.#later(),
      );
    });
  }

  async #look(): Promise<void> {
    const rows = await this.#parts.query(WAITED_FOR, [this.#parts.name]);
    const now = systemClock.monotonic();
    const who = rows.map(([pid, , , , , , , prepared]) => textOf(pid) ?? textOf(prepared)).join(", ");
    if (this.#stopped || who === "" || (who === this.#told && now - this.#toldAt < AGAIN_MS)) return;
    this.#told = who;
    this.#toldAt = now;
    for (const row of rows) this.#parts.tell["migration.waits"]?.({ blocker: sentenceOf(row) });
  }
}

/** Such as `process 17 ("psql" of bob, idle in transaction, its transaction is 35 s old). Let it end, or end it with: …`. */
function sentenceOf(row: Row): string {
  const [pid, name = "", user = "the server", state, age, asked, text, prepared] = row.map(textOf);
  if (prepared !== undefined) {
    const quoted = prepared.replaceAll("'", "''");
    return `the prepared transaction "${prepared}" of ${user}, ${age} s old. End it with: rollback prepared '${quoted}'`;
  }
  const facts = [
    `"${name}" of ${user}`,
    ...(state === undefined ? [] : [state]),
    ...(age === undefined ? [] : [`its transaction is ${age} s old`]),
    ...(text === undefined ? [] : [`its last statement ${asked} s: ${text.replaceAll(/\s+/g, " ")}`]),
  ];
  return `process ${pid} (${facts.join(", ")}). Let it end, or end it with: select pg_terminate_backend(${pid})`;
}

function textOf(cell: unknown): string | undefined {
  return typeof cell === "string" || typeof cell === "number" ? String(cell) : undefined;
}
