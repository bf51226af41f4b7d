import { type Timer, systemClock } from "../../core/clock.ts";
import type { Log } from "../../core/log.ts";
import type { Query, Row } from "./session.ts";
import { WAITED_FOR } from "./statements-service.ts";

/** What a {@link MigrationWaits} is made with. */
export interface MigrationWaitsParts {
  /** Asks the database over a connection that waits for nobody. */
  readonly query: Query;
  /** The sessions that migrate are called so in `pg_stat_activity`. */
  readonly name: string;
  readonly log: Log;
  /** @default a second, and then every two */
  readonly everyMs?: number;
}

const EVERY_MS = 1_500;
/** The same is told again after this. */
const AGAIN_MS = 30_000;

/**
 * Tells an operator for whom a migration waits. The building of an index waits for every transaction that began before it,
 * and a change of a table for everybody who uses it; each may take for ever, and from outside nothing would be seen of it.
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
      // Whoever cannot ask now can ask later; the migration has errors of its own.
      void this.#look().then(
        () => this.#later(),
        () => this.#later(),
      );
    });
  }

  async #look(): Promise<void> {
    const rows = await this.#parts.query(WAITED_FOR, [this.#parts.name]);
    const now = systemClock.monotonic();
    const who = rows.map(([pid, name]) => `${String(pid)} ${String(name)}`).join(", ");
    if (this.#stopped || who === "" || (who === this.#told && now - this.#toldAt < AGAIN_MS)) return;
    this.#told = who;
    this.#toldAt = now;
    for (const row of rows) this.#parts.log.warn(`the migration waits for ${sentenceOf(row)}`);
  }
}

/** Such as `process 17 ("psql" of bob, idle in transaction, open for 35 s; last: select 1). End it with: …`. */
function sentenceOf([pid, name, user, state, transaction, asked, text, prepared]: Row): string {
  if (prepared !== null) {
    const gid = String(prepared);
    return `the prepared transaction "${gid}" of ${String(user)}, ${ageOf(transaction)} old. End it with: rollback prepared '${gid.replaceAll("'", "''")}'`;
  }
  const facts = [
    `"${String(name ?? "")}" of ${String(user ?? "the server")}`,
    ...(state === null ? [] : [String(state)]),
    ...(transaction === null ? [] : [`its transaction is ${ageOf(transaction)} old`]),
    ...(text === null ? [] : [`its last statement ${ageOf(asked)}: ${String(text).replaceAll(/\s+/g, " ")}`]),
  ];
  return `process ${String(pid)} (${facts.join(", ")}). Let it end, or end it with: select pg_terminate_backend(${String(pid)})`;
}

function ageOf(seconds: unknown): string {
  return `${Number(seconds ?? 0)} s`;
}
