import { type Clock, systemClock } from "../../core/ports/clock.ts";
import type { Cell } from "./array.ts";
import type { Database, Query, Row } from "./database.ts";

/** A statement that only reads, and the promise of its rows. */
interface Look {
  readonly text: string;
  readonly parameters: readonly Cell[];
  readonly resolve: (rows: readonly Row[] | PromiseLike<readonly Row[]>) => void;
}

/** The time in which looks are combined: timers for one moment may fire a millisecond apart. */
const TOGETHER_MS = 10;

/**
 * Combines the looks within `TOGETHER_MS` into one statement: an idle process then sends one query
 * a second, instead of one for each kind of work that may be due. Each look gets its own
 * rows, as if it had run alone. The looks are parts of a `with`, which Citus executes one by one;
 * it rejects several subqueries in the list of a `select`.
 */
export class Looks {
  readonly #database: Pick<Database, "query">;
  readonly #clock: Pick<Clock, "after">;
  /** By text; the second look with the same text gets its own statement. */
  #waiting = new Map<string, Look>();
  /** The combined texts, by the texts of their looks. */
  readonly #together = new Map<string, string>();

  constructor(database: Pick<Database, "query">, clock: Pick<Clock, "after"> = systemClock) {
    this.#database = database;
    this.#clock = clock;
  }

  readonly query: Query = (text, parameters = []) => {
    if (this.#waiting.has(text)) return this.#database.query(text, parameters);
    return new Promise((resolve) => {
      if (this.#waiting.size === 0) this.#clock.after(TOGETHER_MS, () => void this.#send());
      this.#waiting.set(text, { text, parameters, resolve });
    });
  };

  async #send(): Promise<void> {
    const looks = [...this.#waiting.values()];
    this.#waiting = new Map();
    const answered = looks.length === 1 ? undefined : await this.#ask(looks).catch(() => undefined);
    // If the combined statement fails, each look runs alone, so that only the faulty one fails.
    for (const [index, { text, parameters, resolve }] of looks.entries())
      resolve(answered?.[index] ?? this.#database.query(text, parameters));
  }

  async #ask(looks: readonly Look[]): Promise<readonly (readonly Row[])[]> {
    const parameters = looks.flatMap((look) => look.parameters);
    const [row = []] = await this.#database.query(this.#textOf(looks), parameters);
    return looks.map((_, index) => rowsOf(row[index]));
  }

  #textOf(looks: readonly Look[]): string {
    const key = looks.map(({ text }) => text).join(";");
    let text = this.#together.get(key);
    if (text === undefined) {
      let before = 0;
      const parts = looks.map((look, index) => {
        const shifted = look.text.replaceAll(/\$(\d+)/g, (_, number) => `$${before + Number(number)}`);
        before += look.parameters.length;
        return `look${index} as (${shifted})`;
      });
      const cells = looks.map((_, index) => `(select json_agg(look)::text from look${index} look)`);
      text = `with ${parts.join(", ")} select ${cells.join(", ")}`;
      this.#together.set(key, text);
    }
    return text;
  }
}

/** Rows from a list of objects, whose members are in the order of the columns. */
function rowsOf(cell: unknown): readonly Row[] {
  if (typeof cell !== "string") return [];
  return (JSON.parse(cell) as readonly object[]).map((row) => Object.values(row));
}
