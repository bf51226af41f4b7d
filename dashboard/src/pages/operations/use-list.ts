import { batch, type Signal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type ApiError, ApiError as Refused, encodedName, isAway, readOnce } from "../../api.ts";
import { setClock } from "../../state/clock.ts";
import { notReached, onReadNow, paused, reached, rowsHeld } from "../../state/live.ts";
import type { OperationRecord, OperationRow, OperationRows } from "../../wire.ts";
import { PAGE_SIZE, PAGE_SIZE_MAX, pagePath, type Question, sinceOf } from "./question.ts";
import { type Listed, listed, merged, withOlder, withRow } from "./rows.ts";

const EVERY_MS = 2_000;
const RETRY_MS = 4_000;
const RETRY_MS_MAX = 30_000;
/** At most so many operations that left the list are read again at once. */
const LOOKED_UP_MAX = 5;
/** Extra rows of a read, so that rows that arrive between two reads are counted exactly. */
const ROOM = 20;
const FURTHER_PAGES_MAX = 10;

/** How far the list was read. */
export interface Reach {
  /** The token of the next page; empty at the end of the list. */
  readonly next: string;
  /** The instant that "ended last hour" means in the next page. */
  readonly since: string;
  readonly lookedAt: number;
  readonly lookedBackTo: string | undefined;
}

const NOTHING: Listed = { shown: [], newer: 0, newerMore: false };

/** A list that is read repeatedly and never moves while the operator looks at it. */
export class LiveList {
  readonly list: Signal<Listed> = signal(NOTHING);
  readonly reach: Signal<Reach | undefined> = signal(undefined);
  readonly error: Signal<ApiError | undefined> = signal(undefined);
  /** Whether the rows on the page belong to an earlier question. */
  readonly old = signal(true);
  /** Whether the list is reading older pages. */
  readonly looking = signal(false);
  #question: Question | undefined;
  #accepts: (row: OperationRow) => boolean = () => true;
  #held: () => boolean = () => false;
  #turn = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #off: (() => void) | undefined;

  /**
   * @param accepts whether the view shows a row that the filter found
   * @param held whether rows must stay as they are now
   */
  ask(question: Question, accepts: (row: OperationRow) => boolean, held: () => boolean): void {
    this.#off ??= onReadNow(() => void this.#again());
    this.#question = question;
    this.#accepts = accepts;
    this.#held = held;
    batch(() => {
      this.old.value = true;
      this.error.value = undefined;
      this.looking.value = false;
    });
    void this.#first(question);
  }

  stop(): void {
    this.#off?.();
    this.#off = undefined;
    this.#question = undefined;
    this.#turn++;
    clearTimeout(this.#timer);
  }

  /** Shows the rows that were only counted so far. */
  readonly show = (): void => {
    if (this.#question !== undefined) void this.#first(this.#question);
  };

  readonly stopLooking = (): void => {
    this.looking.value = false;
  };

  /**
   * Reads older pages until there is a full page of rows, the list ends, or ten pages have been
   * read.
   */
  readonly lookFurther = async (): Promise<void> => {
    const question = this.#question;
    this.looking.value = true;
    const turn = this.#turn;
    const enough = this.list.peek().shown.length + PAGE_SIZE;
    for (let pages = 0; pages < FURTHER_PAGES_MAX; pages++) {
      const reach = this.reach.peek();
      if (question === undefined || reach === undefined || reach.next === "") break;
      const answer = await this.#call(
        pagePath(question, { since: reach.since, pageSize: PAGE_SIZE, page: reach.next }),
      );
      if (answer === undefined || turn !== this.#turn || !this.looking.peek()) break;
      batch(() => {
        this.list.value = withOlder(this.list.peek(), this.#accepted(answer));
        this.reach.value = reachOf(answer, reach.since, reach.lookedAt);
      });
      if (this.list.peek().shown.length >= enough || (pages === 0 && this.#accepted(answer).length > 0))
        break;
    }
    this.looking.value = false;
  };

  #accepted(answer: OperationRows): readonly OperationRow[] {
    return (answer.operations ?? []).filter((row) => this.#accepts(row));
  }

  async #first(question: Question): Promise<void> {
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const since = sinceOf(question);
    const answer = await this.#call(pagePath(question, { since, pageSize: PAGE_SIZE, page: question.page }));
    if (turn !== this.#turn) return;
    if (answer !== undefined) {
      const rows = this.#accepted(answer);
      // If an earlier search further back found nothing, the next one continues there, not at the
      // beginning.
      const isFurther =
        !this.old.peek() && rows.length === 0 && (this.reach.peek()?.lookedAt ?? 0) > (answer.lookedAt ?? 0);
      batch(() => {
        this.list.value = listed(rows);
        if (!isFurther) this.reach.value = reachOf(answer, since, 0);
        this.old.value = false;
        this.error.value = undefined;
      });
    }
    this.#schedule();
  }

  async #again(): Promise<void> {
    const question = this.#question;
    if (question === undefined) return;
    if (this.looking.peek()) return this.#schedule();
    if (this.old.peek() || this.list.peek().shown.length === 0) return await this.#first(question);
    clearTimeout(this.#timer);
    const turn = ++this.#turn;
    const isFirst = question.page === "";
    const pageSize = isFirst ? Math.min(PAGE_SIZE_MAX, PAGE_SIZE + this.list.peek().newer + ROOM) : PAGE_SIZE;
    const answer = await this.#call(
      pagePath(question, { since: sinceOf(question), pageSize, page: question.page }),
    );
    if (turn !== this.#turn) return;
    if (answer !== undefined) await this.#merge(answer, isFirst);
    this.#schedule();
  }

  async #merge(answer: OperationRows, isFirst: boolean): Promise<void> {
    const before = this.list.peek();
    const whole = (answer.nextPageToken ?? "") === "";
    const after = merged(before, { rows: answer.operations ?? [], whole }, this.#accepts);
    const news = isFirst ? after : { ...after, newer: 0, newerMore: false };
    this.list.value = this.#held() ? { ...before, newer: news.newer, newerMore: news.newerMore } : news;
    if (!this.#held()) await this.#lookUp();
  }

  /**
   * An operation leaves the list because its state changed. Reads the new states and shows them in
   * the same rows.
   */
  async #lookUp(): Promise<void> {
    const left = this.list.peek().shown.filter(({ gone, row }) => gone && row.endTime === undefined);
    for (const { row } of left.slice(0, LOOKED_UP_MAX)) {
      const path = encodedName(row.name ?? "");
      const record = await readOnce<OperationRecord>(path).catch((error: unknown) => error);
      if (record instanceof Refused && record.status === 404)
        this.#put({ ...row, message: "", state: "DELETED" });
      else if (!(record instanceof Error)) this.#put((record as OperationRecord).row ?? row);
    }
  }

  #put(row: OperationRow): void {
    this.list.value = withRow(this.list.peek(), row);
  }

  #schedule(): void {
    if (this.#question === undefined) return;
    const wait =
      this.#failures === 0 ? EVERY_MS : Math.min(RETRY_MS * 2 ** (this.#failures - 1), RETRY_MS_MAX);
    this.#timer = setTimeout(() => {
      if (document.visibilityState === "visible" && !paused.peek()) void this.#again();
    }, wait);
  }

  /** @returns undefined if there is no answer; then `error` says why, if the server answered */
  async #call(path: string): Promise<OperationRows | undefined> {
    try {
      const answer = await readOnce<OperationRows>(path);
      reached();
      setClock(answer.asOf);
      this.#failures = 0;
      return answer;
    } catch (error) {
      this.#failures++;
      if (isAway(error)) notReached();
      else reached();
      if (error instanceof Refused) this.error.value = error;
      return undefined;
    }
  }
}

function reachOf(answer: OperationRows, since: string, lookedAtBefore: number): Reach {
  return {
    next: answer.nextPageToken ?? "",
    since,
    lookedAt: lookedAtBefore + (answer.lookedAt ?? 0),
    lookedBackTo: answer.lookedBackTo,
  };
}

/** The list of a question, while the component is mounted. A new `key` means a new question. */
export function useLiveList(
  key: string,
  question: Question,
  accepts: (row: OperationRow) => boolean,
  held: () => boolean,
): LiveList {
  const list = useMemo(() => new LiveList(), []);
  useEffect(() => {
    list.ask(question, accepts, () => rowsHeld.peek() || held());
  }, [key]);
  useEffect(() => () => list.stop(), []);
  return list;
}
