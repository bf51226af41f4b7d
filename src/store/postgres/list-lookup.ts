import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation, State } from "../../core/operation/operation.ts";
import type { ListAnswer, ListQuery } from "../../core/ports/store.ts";
import type { SqlValue } from "../list/condition.ts";
import { GatheredPage } from "../list/gathered-page.ts";
import { type ListDialect, type ListPlan, planOf, type Scan, type ScanKey } from "../list/plan.ts";
import type { Row } from "./database.ts";
import { highId, lowId } from "./id-bounds.ts";
import { branchesOf, keysText, type ListText, PARENT_LIKE, windowText } from "./statements-list.ts";

/** What the lookup asks of the store. */
export interface ListSource {
  readonly query: (text: string, parameters: readonly SqlValue[]) => Promise<readonly Row[]>;
  readonly read: (ids: readonly string[]) => Promise<readonly (Operation | undefined)[]>;
}

/**
 * One page of a list.
 *
 * Words: a *scan* reads one index between two keys; a *window* is the next `LIMITS.listRowsPerTurn` records of it. Of each
 * window first the keys and sizes are asked of those that SQL's condition holds for, then the records, as many as their sizes
 * allow; `matches` has the last word. Authority: `matches`; plan and condition only spare it work.
 */
export class ListLookup {
  readonly #source: ListSource;
  readonly #query: ListQuery;
  readonly #plan: ListPlan;
  readonly #page: GatheredPage;

  constructor(source: ListSource, query: ListQuery) {
    this.#source = source;
    this.#query = query;
    this.#plan = planOf(query, DIALECT);
    this.#page = new GatheredPage(query, this.#plan);
  }

  /** Looks until the page is full, everything has been seen, or enough has. */
  async page(): Promise<ListAnswer> {
    for (const scan of this.#plan.scans) {
      const ended = await this.#along(scan);
      if (ended !== undefined) return ended;
    }
    return this.#page.upTo(null);
  }

  async #along(scan: Scan): Promise<ListAnswer | undefined> {
    let from: ScanKey | undefined = scan.from;
    while (from !== undefined) {
      const end: ScanKey | undefined = this.#plan.exact ? undefined : await this.#windowEnd(scan, from);
      const ended = await this.#window(scan, from, end ?? scan.to);
      if (ended !== undefined) return ended;
      this.#page.rowsExamined += LIMITS.listRowsPerTurn;
      if (end !== undefined && this.#page.isEnough) return this.#page.upTo(end);
      from = end;
    }
    return undefined;
  }

  /** @returns undefined where the scan ends before the window does */
  async #windowEnd(scan: Scan, from: ScanKey): Promise<ScanKey | undefined> {
    const keys = forBranches(scan, [...bound(from), ...bound(scan.to)]);
    const [row] = await this.#source.query(windowText(textOf(scan), LIMITS.listRowsPerTurn), keys);
    return row === undefined ? undefined : keyOf(row, scan);
  }

  async #window(scan: Scan, from: ScanKey, to: ScanKey): Promise<ListAnswer | undefined> {
    const parameters = forBranches(scan, [...bound(from), ...bound(to), ...scan.parameters]);
    // One more than has room tells that there are more. What is not exact may drop any of them.
    const most = this.#plan.exact ? this.#query.limit + 1 - this.#page.count : LIMITS.listRowsPerTurn;
    const keys = await this.#source.query(keysText(textOf(scan), most), parameters);
    for (let index = 0; index < keys.length; ) {
      const chunk = chunkOf(keys, index);
      const records = await this.#source.read(chunk.map(([id]) => String(id)));
      for (const record of records)
        if (record !== undefined && this.#page.take(record)) return this.#page.full();
      index += chunk.length;
      const last = chunk.at(-1);
      if (last !== undefined && index < keys.length && this.#page.isEnough) {
        return this.#page.upTo(keyOf(last, scan));
      }
    }
    // Some of an exact page were removed since their keys were asked for: it comes back short.
    const last = keys.at(-1);
    return this.#plan.exact && last !== undefined && keys.length === most
      ? this.#page.upTo(keyOf(last, scan))
      : undefined;
  }
}

function textOf({ kind, branches, descending, condition }: Scan): ListText {
  const states = kind === "state" ? branches.map(([, state]) => state as State) : [];
  return { scan: kind, states, descending, condition };
}

/** The parent, where the scan has one, and the same values, for each branch. */
function forBranches(scan: Scan, values: readonly SqlValue[]): readonly SqlValue[] {
  const own = [...(scan.branches[0]?.slice(0, 1) ?? []), ...values];
  return branchesOf(textOf(scan)).flatMap(() => own);
}

/** Payloads that are brought to the program at once, in bytes. */
const CHUNK_BYTES = 4_194_304;
const CHUNK_ROWS = 250;

/** The next keys whose records fit together; one at the least. */
function chunkOf(keys: readonly Row[], from: number): readonly Row[] {
  let bytes = 0;
  let end = from;
  while (end < keys.length && end - from < CHUNK_ROWS) {
    bytes += Number(keys[end]?.[2]);
    if (bytes > CHUNK_BYTES && end > from) break;
    end++;
  }
  return keys.slice(from, end);
}

const DIALECT: ListDialect = {
  parentLike: ({ parent }: Collection) => {
    const segments = parent
      .split("/")
      .map((each) => (each === WILDCARD ? "%" : each.replaceAll(/[%_\\]/g, String.raw`\$&`)));
    return { text: PARENT_LIKE, parameters: [segments.join("/")] };
  },
};

/** A key as parameters: what is no whole id yet becomes one. */
function bound(key: ScanKey): readonly SqlValue[] {
  const [end, id] = key.length === 1 ? [undefined, key[0]] : key;
  const whole = id.endsWith("g") ? highId(id) : lowId(id);
  return end === undefined ? [whole] : [end, whole];
}

function keyOf([id, endTime]: Row, { kind }: Scan): ScanKey {
  return kind === "end" ? [Number(endTime), String(id)] : [String(id)];
}
