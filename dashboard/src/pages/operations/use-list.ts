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
/** Operations that left the list whose end is looked up at once. */
const LOOKED_UP_MAX = 5;
/** Room for what comes between two reads, so that it is counted and not only known to be there. */
const ROOM = 20;
const FURTHER_PAGES_MAX = 10;

/** What is known of the end of what was read. */
export interface Reach {
  /** The page after it; empty at the end of the list. */
  readonly next: string;
  /** The instant that stands for "ended last hour" in the page after it. */
  readonly since: string;
  readonly lookedAt: number;
  readonly lookedBackTo: string | undefined;
}

const NOTHING: Listed = { shown: [], newer: 0, newerMore: false };

/** A list that is read over and over and never moves under the operator. */
export class LiveList {
  readonly list: Signal<Listed> = signal(NOTHING);
  readonly reach: Signal<Reach | undefined> = signal(undefined);
  readonly error: Signal<ApiError | undefined> = signal(undefined);
  /** Whether what is shown is of another question. */
  readonly old = signal(true);
  /** Whether older pages are being looked through. */
  readonly looking = signal(false);
  #question: Question | undefined;
  #accepts: (row: OperationRow) => boolean = () => true;
  #held: () => boolean = () => false;
  #turn = 0;
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #off: (() => void) | undefined;

  /**
   * @param accepts what the view shows of what the filter finds
   * @param held whether rows have to stay as they are
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

  /** Shows what was only counted. */
  readonly show = (): void => {
    if (this.#question !== undefined) void this.#first(this.#question);
  };

  readonly stopLooking = (): void => {
    this.looking.value = false;
  };

  /** Reads older pages until there is a page of rows, the list ends, or ten pages have been looked through. */
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
      // Whoever looked further back and found nothing goes on from there, not from the beginning again.
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

  /** What left the list did so because something became of it: that is shown in its place. */
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

  /** @returns undefined where there is no answer; what is wrong is told then */
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

/** The list of a question, as long as the component is there. `key` tells when it is another question. */
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
