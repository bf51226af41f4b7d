import assert from "node:assert/strict";
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const FOLDER = fileURLToPath(new URL("./python/", import.meta.url));

/**
 * A running Python script of this folder. It checks with `assert`, exits with 0 if all is well, and
 * communicates in lines.
 */
export class PythonScript implements AsyncDisposable {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<unknown>;
  #errors = "";

  constructor(python: string, script: string, parameters: readonly string[]) {
    // A proxy would be used for the loopback address, too; compiled files would stay in the
    // repository.
    const env = { ...process.env, NO_PROXY: "*", no_proxy: "*", PYTHONDONTWRITEBYTECODE: "1" };
    this.#process = spawn(python, ["-u", `${FOLDER}${script}`, ...parameters], { env });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => (this.#errors += text));
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
    this.#ended = once(this.#process, "close");
  }

  /** The next line of its output. */
  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error(`The script ended:\n${await this.#story()}`);
    return next.value;
  }

  tell(line: string): void {
    this.#process.stdin.write(`${line}\n`);
  }

  /** Waits for its end, which must be a success. */
  async succeed(): Promise<void> {
    this.#process.stdin.end();
    const story = await this.#story();
    assert.equal(this.#process.exitCode, 0, story);
  }

  async #story(): Promise<string> {
    await this.#ended;
    return this.#errors;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.#process.kill("SIGKILL");
    await this.#ended;
  }
}
