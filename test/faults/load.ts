import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/core/ports/random.ts";
import { Calls } from "./calls.ts";
import type { Cluster } from "./cluster.ts";
import type { Answer, Call, Seen } from "./history.ts";
import { type LimitedStart, limitedCallers } from "./limited.ts";

/** Callers of long operations. */
const LONG_CALLERS = 2;
/** The timeout of a wait. */
export const WAIT_MS = 2_000;
/** Operations that share a parent, and therefore a list. */
const PARENT_SIZE = 20;
/** The number of further windows that are measured before a rate counts as too low. */
const AGAIN = 3;
/** The pause between two tries of a call that failed. */
const PAUSE_MS = { first: 25, most: 500 } as const;

type OperationCall = "get" | "wait" | "cancel" | "delete";

/**
 * Callers that start, wait, poll, list, cancel and delete, through any of the servers, and retry
 * calls that failed: a start with the same request id. There are twice as many callers as slots, so
 * that every slot always has work.
 */
export class Load {
  readonly calls = new Calls();
  readonly #cluster: Cluster;
  readonly #random: Random;
  readonly #prefix: string;
  readonly #doneAt: number[] = [];
  readonly #parents = new Set<string>();
  #callers: Promise<unknown> | undefined;
  #ending = false;
  #gaveUp = false;

  /** @param prefix distinguishes its operations from those of other loads on the same store */
  constructor(cluster: Cluster, random: Random, prefix: string) {
    this.#cluster = cluster;
    this.#random = random;
    this.#prefix = prefix;
  }

  /** The parents of all started operations. */
  get parents(): ReadonlySet<string> {
    return this.#parents;
  }

  begin(): void {
    const { slots, work } = this.#cluster;
    const short = Array.from({ length: slots * 2 }, (_, index) => this.#caller(`s${index}`, work.ordinaryMs));
    const long = Array.from({ length: LONG_CALLERS }, (_, index) => this.#caller(`l${index}`, work.longMs));
    const callers = { load: this, random: this.#random, prefix: this.#prefix };
    this.#callers = Promise.all([...short, ...long, ...limitedCallers(callers)]);
    // The caller of `end` gets the error.
    this.#callers.catch(() => {});
  }

  /** Whether callers must not begin anything new. */
  get isEnding(): boolean {
    return this.#ending;
  }

  /** Lets every caller see the end of its operations. @returns whether all did within `withinMs` */
  async end(withinMs: number): Promise<boolean> {
    this.#ending = true;
    const controller = new AbortController();
    const late = delay(withinMs, "late" as const, { signal: controller.signal }).catch(() => "late" as const);
    const ended = await Promise.race([this.#callers, late]);
    controller.abort();
    this.#gaveUp = true;
    return ended !== "late";
  }

  /** Ordinary operations that were seen done between two instants, per second. */
  rate(from: number, to: number): number {
    const count = this.#doneAt.filter((at) => at >= from && at < to).length;
    return (count * 1_000) / (to - from);
  }

  /** The rate of the next `windowMs`. */
  async measure(windowMs: number): Promise<number> {
    const from = performance.now();
    await delay(windowMs);
    return this.rate(from, performance.now());
  }

  /**
   * The rate of the next `windowMs`. If it is less than `enough`: the best rate of this and some
   * longer windows after it. A noisy neighbour disturbs only some windows; a service that stands
   * still is slow in all of them.
   */
  async measureAgain(windowMs: number, enough: number): Promise<number> {
    let best = await this.measure(windowMs);
    for (let again = 0; best < enough && again < AGAIN; again++)
      best = Math.max(best, await this.measure(windowMs * 2));
    return best;
  }

  /** Any server: each call may get a different one, as behind a load balancer. */
  readonly url = (): string => {
    const { servers } = this.#cluster;
    const alive = servers.filter(({ isAlive }) => isAlive);
    const among = alive.length > 0 ? alive : servers;
    return (among[Math.floor(this.#random.fraction() * among.length)] ?? servers[0])?.url ?? "";
  };

  /**
   * @param aboutMs how long its operations run, give or take a quarter, so that they do not stay in
   *   step
   */
  async #caller(id: string, aboutMs: number): Promise<void> {
    const isLong = aboutMs === this.#cluster.work.longMs;
    // Callers that began at once would stay in waves, and a window could contain one wave more or
    // less.
    await delay(this.#random.fraction() * aboutMs);
    for (let count = 0; !this.#ending; count++) {
      const text = `${this.#prefix}-${id}-${count}`;
      const parent = `projects/${this.#prefix}/callers/${id}-${Math.floor(count / PARENT_SIZE)}`;
      this.#parents.add(parent);
      const workMs = Math.round(aboutMs * (0.75 + this.#random.fraction() / 2));
      const name = await this.#start(parent, text, workMs);
      if (name === undefined) return;
      const choice = this.#random.fraction();
      if (choice < 0.04) await this.again("cancel", name);
      if (choice > 0.96) await this.#start(parent, text, workMs);
      const ended = isLong ? this.#longDone(name) : this.done(name, choice < 0.6 ? "wait" : "get");
      if (!(await ended)) return;
      if (!isLong) this.#doneAt.push(performance.now());
      if (this.#random.fraction() < 0.05) await this.calls.list(parent, 7, this.url);
      if (this.#random.fraction() < 0.04) await this.delete(name);
    }
  }

  /** Starts an operation; repeats the call with the same request id until it is acknowledged. */
  async #start(parent: string, text: string, durationMs: number): Promise<string | undefined> {
    const answer = await this.#persist(() =>
      this.calls.call(
        { verb: "start", subject: parent, text },
        {
          url: this.url(),
          method: "POST",
          path: `v1/${parent}:work?requestId=${text}`,
          body: { text, durationMs },
        },
      ),
    );
    return answer?.kind === "operation" ? answer.operation.name : undefined;
  }

  /**
   * Starts an operation of a limited method; repeats the call until it is acknowledged. Without a
   * request id, a repeated start requests another operation, so it uses another text.
   */
  async startLimited({
    method,
    key,
    parent,
    text,
    durationMs,
    hasId,
  }: LimitedStart): Promise<string | undefined> {
    this.#parents.add(parent);
    let tries = 0;
    const answer = await this.#persist(() => {
      const asked = hasId ? text : `${text}-${++tries}`;
      return this.calls.call(
        { verb: "start", subject: parent, text: asked, key: `${method} ${key}` },
        {
          url: this.url(),
          method: "POST",
          path: `v1/${parent}:${method}${hasId ? `?requestId=${text}` : ""}`,
          body: { text: asked, durationMs, key },
        },
      );
    });
    return answer?.kind === "operation" ? answer.operation.name : undefined;
  }

  /** Waits or polls until the operation is done. @returns whether it saw the end */
  async done(name: string, verb: "get" | "wait"): Promise<boolean> {
    for (;;) {
      const answer = await this.again(verb, name);
      if (answer?.kind !== "operation") return false;
      if (answer.operation.done) return true;
      if (verb === "get") await delay(200 + this.#random.fraction() * 100);
    }
  }

  /** Polls, and cancels the operation when the load ends. @returns whether it saw the end */
  async #longDone(name: string): Promise<boolean> {
    for (let cancelled = false; ; ) {
      const answer = await this.again("get", name);
      if (answer?.kind !== "operation") return false;
      if (answer.operation.done) return true;
      if (this.#ending && !cancelled) cancelled = (await this.again("cancel", name)) !== undefined;
      await delay(200);
    }
  }

  /** Deletes the operation, and checks whether it is gone. */
  async delete(name: string): Promise<void> {
    await this.again("delete", name);
    await this.again("get", name);
  }

  /** A call about one operation, repeated until its outcome is known. */
  again(verb: OperationCall, name: string): Promise<Answer | undefined> {
    return this.#persist(() => this.once(verb, name));
  }

  /** One call about one operation. */
  once(verb: OperationCall, name: string): Promise<Answer> {
    const call: Pick<Call, "verb" | "subject"> = { verb, subject: name };
    const path = `v1/${name}`;
    const url = this.url();
    switch (verb) {
      case "get":
        return this.calls.call(call, { url, method: "GET", path });
      case "wait":
        return this.calls.call(call, {
          url,
          method: "POST",
          path: `${path}:wait?timeout=${WAIT_MS / 1_000}s`,
        });
      case "cancel":
        return this.calls.call(call, { url, method: "POST", path: `${path}:cancel` });
      case "delete":
        return this.calls.call(call, { url, method: "DELETE", path });
    }
  }

  /** Repeats a call until its outcome is known; undefined if the load has given up. */
  async #persist(call: () => Promise<Answer>): Promise<Answer | undefined> {
    for (
      let pauseMs: number = PAUSE_MS.first;
      !this.#gaveUp;
      pauseMs = Math.min(pauseMs * 2, PAUSE_MS.most)
    ) {
      const answer = await call();
      if (answer.kind !== "unknown" && answer.kind !== "refused") return answer;
      await delay(pauseMs * (0.5 + this.#random.fraction() / 2));
    }
    return undefined;
  }

  /**
   * Lists everything until all of it is done, or `withinMs` have passed. @returns the unfinished
   * operations
   */
  async unfinished(withinMs: number): Promise<readonly Seen[]> {
    const deadline = performance.now() + withinMs;
    const left: Seen[] = [];
    for (const parent of this.#parents) {
      for (;;) {
        const answer = await this.calls.list(parent, 1_000, this.url);
        const open = answer.kind === "list" ? answer.operations.filter(({ done }) => !done) : undefined;
        if (open?.length === 0) break;
        if (performance.now() > deadline) {
          left.push(...(open ?? []));
          break;
        }
        await delay(100);
      }
    }
    return left;
  }
}
