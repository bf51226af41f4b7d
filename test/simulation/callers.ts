import { ANONYMOUS, type Caller as CallerOfCalls } from "../../src/core/caller.ts";
import { StatusError } from "../../src/core/error/error.ts";
import { formatName } from "../../src/core/operation/name.ts";
import { isDone, type Operation } from "../../src/core/operation/operation.ts";
import type { Answers } from "./answers.ts";
import type { CallerPlan } from "./plan.ts";
import type { Process } from "./process.ts";
import type { World } from "./world.ts";

/** The result of a call. `lost`: the process does not exist, or died before it answered. */
export type Seen<Answer> = Answered<Answer> | Refused | "lost";

/** The request of the call. */
export interface Answered<Answer> {
  readonly answer: Answer;
  /** The process was already stopping. */
  readonly isStopping: boolean;
  readonly error?: undefined;
}

/** An error as the answer. */
export interface Refused {
  readonly error: unknown;
  readonly answer?: undefined;
}

/** The inputs of the callers. */
export interface CallerParts {
  readonly world: World;
  readonly answers: Answers;
  /** The process at a place, if one is there that takes calls. */
  readonly processAt: (place: number) => Process | undefined;
  readonly places: number;
}

/** The pause before a caller tries again elsewhere. */
const PAUSE_MS = 100;
/** Small, so that even a few operations fill several pages. */
const PAGE_SIZE = 2;
/** The longest wait of a caller. */
const WAIT_MS = 60_000;
/** Tries of a start. */
const TRIES_MAX = 30;

/** One of three tenants, or none. */
function callerOf(index: number): CallerOfCalls {
  return index % 4 === 0 ? ANONYMOUS : { ...ANONYMOUS, principal: "user:a", tenant: `projects/${index % 4}` };
}

/** One caller, and the operation that it starts. */
export class Caller {
  readonly #parts: CallerParts;
  readonly #plan: CallerPlan;
  #place: number;

  constructor(plan: CallerPlan, parts: CallerParts) {
    this.#parts = parts;
    this.#plan = plan;
    this.#place = plan.process;
  }

  /** Carries out its plan. Resolves after the last answer. */
  async run(): Promise<void> {
    const { at, waits, pollAfterMs, listAfterMs, cancelAfterMs, deleteAfterMs, repeatAfterMs } = this.#plan;
    await this.#pause(at);
    const operation = await this.#start(TRIES_MAX);
    if (operation === undefined) return;
    const name = formatName(operation);
    await Promise.all([
      waits ? this.#wait(name) : undefined,
      this.#later(pollAfterMs, () => this.#get(name)),
      this.#later(listAfterMs, () => this.#list()),
      this.#later(cancelAfterMs, () => this.#change("cancel", name)),
      this.#later(deleteAfterMs, () => this.#change("delete", name)),
      this.#later(repeatAfterMs, () => this.#repeat()),
    ]);
  }

  /** @returns the operation, if a start was acknowledged */
  async #start(tries: number): Promise<Operation | undefined> {
    const { answers, world } = this.#parts;
    const { index, method, key, requestId, delayMs, priority, isPoison } = this.#plan;
    const start = {
      method,
      request: { op: index, key, isPoison },
      delayMs,
      priority,
      ...(requestId === null ? {} : { requestId }),
    };
    for (let left = tries; left > 0; left--) {
      const askedAt = world.now;
      const seen = await this.#call(({ engine }) => engine.operations.start(callerOf(index), start));
      const verdict = answers.started(this.#plan, seen, askedAt);
      if (verdict === "done") return seen === "lost" ? undefined : seen.answer;
      if (verdict === "refused") return undefined;
      await this.#elsewhere();
    }
    return undefined;
  }

  /** Starts it again elsewhere, and waits for it there. */
  async #repeat(): Promise<void> {
    const twin = new Caller({ ...this.#plan, at: 0, process: this.#place + 1, ...ALONE }, this.#parts);
    await twin.run();
  }

  async #get(name: string): Promise<void> {
    const { answers, world } = this.#parts;
    const askedAt = world.now;
    const seen = await this.#call(({ engine }) => engine.operations.get(ANONYMOUS, name));
    answers.got("get", name, seen, askedAt);
  }

  async #list(): Promise<void> {
    const { answers, world } = this.#parts;
    const askedAt = world.now;
    const listed: Operation[] = [];
    for (let pageToken = ""; ; ) {
      const request = { parent: "", pageSize: PAGE_SIZE, pageToken };
      const seen = await this.#call(({ engine }) => engine.operations.list(ANONYMOUS, request));
      if (!answers.isPage(seen)) return;
      listed.push(...seen.answer.operations);
      pageToken = seen.answer.nextPageToken;
      if (pageToken === "") break;
    }
    answers.listed(listed, askedAt);
  }

  /** Waits repeatedly until the operation is done, or gone. */
  async #wait(name: string): Promise<void> {
    const { answers, world } = this.#parts;
    for (;;) {
      const askedAt = world.now;
      const seen = await this.#call(({ engine }) =>
        engine.operations.wait(ANONYMOUS, name, { timeoutMs: WAIT_MS }),
      );
      const verdict = answers.waited(name, seen, { askedAt, timeoutMs: WAIT_MS });
      if (verdict === "gone" || (seen !== "lost" && seen.answer !== undefined && isDone(seen.answer))) return;
      await this.#elsewhere();
    }
  }

  /** Cancels or deletes, until that is acknowledged. */
  async #change(verb: "cancel" | "delete", name: string): Promise<void> {
    const { answers, world } = this.#parts;
    for (let left = TRIES_MAX; left > 0; left--) {
      const askedAt = world.now;
      const seen = await this.#call(({ engine }) => engine.operations[verb](ANONYMOUS, name));
      if (answers.changed(verb, name, seen, askedAt) === "done") return;
      await this.#elsewhere();
    }
  }

  #call<Answer>(call: (process: Process) => Promise<Answer>): Promise<Seen<Answer>> {
    const { world, processAt, places } = this.#parts;
    const process = processAt(this.#place % places);
    if (process === undefined) return Promise.resolve("lost");
    const { life } = process;
    return new Promise((resolve) => {
      const off = life.onDeath(() => world.after(0, undefined, () => resolve("lost")));
      const answer = (seen: Seen<Answer>): void => {
        if (life.isDead) return;
        off();
        world.after(0, undefined, () => resolve(seen));
      };
      world.after(0, life, () => {
        call(process).then(
          (each) => answer({ answer: each, isStopping: process.engine.operations.stopping }),
          (error: unknown) => answer({ error }),
        );
      });
    });
  }

  async #elsewhere(): Promise<void> {
    this.#place++;
    await this.#pause(PAUSE_MS);
  }

  async #later(afterMs: number | null, run: () => Promise<void>): Promise<void> {
    if (afterMs === null) return;
    await this.#pause(afterMs);
    await run();
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#parts.world.after(ms, undefined, resolve));
  }
}

/** The plan of a caller that repeats a start. */
const ALONE = {
  repeatAfterMs: null,
  pollAfterMs: null,
  listAfterMs: null,
  cancelAfterMs: null,
  deleteAfterMs: null,
};

/** The reason of an error that callers may see; undefined for a bug. */
export function reasonOf(error: unknown): string | undefined {
  return error instanceof StatusError ? (error.reason ?? error.code) : undefined;
}
