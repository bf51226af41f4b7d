import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { FromJob, Report, Story, Task, ToJob } from "./messages.ts";

/** A process that runs histories beside this one. */
export class Job implements Disposable {
  readonly #child: ChildProcess;
  /** Rejects when the process ends. */
  readonly #ended: Promise<never>;

  /** @param bug the id of a planted bug. @default none */
  constructor(bug?: string) {
    this.#child = fork(join(import.meta.dirname, "job.ts"), bug === undefined ? [] : [bug], {
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    this.#ended = once(this.#child, "exit").then(([code]) => {
      throw new Error(`A job ended with code ${String(code)} without an answer`);
    });
    // It ends when its parent needs it no more.
    this.#ended.catch(() => {});
  }

  async run(task: Task): Promise<Report> {
    const told = await this.#ask({ run: task });
    if ("report" in told) return told.report;
    throw new Error("The job told something else");
  }

  /** Repeats a failing history, makes it smaller, and describes its course. */
  async explain(seed: number): Promise<Story> {
    const told = await this.#ask({ explain: seed });
    if ("story" in told) return told.story;
    throw new Error("The job told something else");
  }

  [Symbol.dispose](): void {
    this.#child.kill();
  }

  async #ask(question: ToJob): Promise<FromJob> {
    const told = new Promise<FromJob>((resolve) => void this.#child.once("message", resolve));
    this.#child.send(question);
    return Promise.race([told, this.#ended]);
  }
}
