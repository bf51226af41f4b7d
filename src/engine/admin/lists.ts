import { LIMITS } from "../../core/limits.ts";
import { SharedReads } from "../../core/shared-reads.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { CountRequest, RowsCount, RowsPage, RowsRequest } from "../listing/rows.ts";
import type { ListParts } from "../listing/list.ts";
import type { Access } from "./access.ts";
import { type Failures, readFailures } from "./failures.ts";
import { rangeOf, readRangeName } from "./range.ts";
import type { Reads } from "./reads.ts";
import { countSeen, listSeen } from "./rows.ts";

/** The most frequent failures, with the time of the read. */
export interface FailuresPage extends Failures {
  readonly asOf: number;
}

/** The request of failures. */
export interface FailuresRequest {
  readonly range: string;
  /** Empty for all. */
  readonly method: string;
}

/** The parts of {@link Lists}. */
export interface ListsParts extends ListParts {
  readonly clock: Pick<Clock, "monotonic">;
  readonly reads: Reads;
}

/**
 * Lists and counts for operators. Equal requests within {@link LIMITS.adminListFreshMs} share one
 * read, so that twenty open pages cost the store as much as one. Each answer contains its time.
 */
export class Lists {
  readonly #parts: ListsParts;
  readonly #rows: SharedReads<RowsPage>;
  readonly #counts: SharedReads<RowsCount>;
  readonly #failures: SharedReads<FailuresPage>;

  constructor(parts: ListsParts) {
    this.#parts = parts;
    const { clock } = parts;
    const times = { clock, freshMs: LIMITS.adminListFreshMs, most: LIMITS.adminListsMax };
    this.#rows = new SharedReads(times);
    this.#counts = new SharedReads(times);
    this.#failures = new SharedReads(times);
  }

  /** A page of operations without their payloads. @throws {StatusError} as a callers' list; TOO_MANY_ADMIN_READS */
  rows(access: Access, request: RowsRequest): Promise<RowsPage> {
    return this.#get(this.#rows, [access.scope, request], () => listSeen(access, request, this.#parts));
  }

  /** Counts matching operations. @throws {StatusError} as {@link rows} */
  count(access: Access, request: CountRequest): Promise<RowsCount> {
    return this.#get(this.#counts, [access.scope, request], () => countSeen(access, request, this.#parts));
  }

  /**
   * The most frequent failures in all collections. @throws {StatusError} INVALID_ARGUMENT
   * RANGE_INVALID; TOO_MANY_ADMIN_READS
   */
  failures({ range, method }: FailuresRequest): Promise<FailuresPage> {
    return this.#get(this.#failures, [range, method], async () => {
      const { store } = this.#parts;
      const asOf = store.time();
      const which = { method: method === "" ? undefined : method, limit: LIMITS.adminFailuresMax };
      return { ...(await readFailures(store, rangeOf(readRangeName(range), asOf), which)), asOf };
    });
  }

  /** Clears the cache after an action, so that the operator sees its effect. */
  forget(): void {
    for (const each of [this.#rows, this.#counts, this.#failures]) each.forget();
  }

  #get<T>(shared: SharedReads<T>, asked: readonly unknown[], read: () => Promise<T>): Promise<T> {
    return shared.get(JSON.stringify(asked), () => this.#parts.reads.run(read));
  }
}
