import { pause as rest } from "../../client/pause.ts";
import { StatusError } from "../../client/index.ts";
import type { MethodDetail, Summary } from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { CommandError, type ExitName } from "../exit.ts";
import type { Io } from "../io.ts";
import { oneLine, styleFor } from "../output/style.ts";
import type { OperatorsClient } from "./client.ts";
import { methodDetailLines } from "./method-text.ts";
import { overviewLines } from "./overview.ts";

const PAUSE_MS = 2_000;
/** The alternate screen, without a cursor; lines longer than the terminal are cut at its edge. */
const ENTER_SCREEN = "\u001b[?1049h\u001b[?25l\u001b[?7l";
const LEAVE_SCREEN = "\u001b[?7h\u001b[?25h\u001b[?1049l";
/** Moves the cursor to the corner. */
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/**
 * The overview on the whole terminal, redrawn every two seconds. `j` and `k` move between methods,
 * Enter shows one, `p` pauses or resumes it after `y`, Escape goes back, `q` and Ctrl-C end it.
 * While the server does not answer, the last overview stays, with a line that says so.
 */
export class Top {
  readonly #io: Io;
  readonly #client: OperatorsClient;
  readonly #range: string;
  readonly #stop = new AbortController();
  #ending: ExitName = "succeeded";
  #summary: Summary | undefined;
  #detail: MethodDetail | undefined;
  #selected: string | undefined;
  /** The method that is shown alone. */
  #opened: string | undefined;
  /** The action of `y`. */
  #question: { readonly text: string; readonly act: () => Promise<unknown> } | undefined;
  #note = "";
  /** A bug of ours, while a key was handled. */
  #bug: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(io: Io, client: OperatorsClient, range: string) {
    this.#io = io;
    this.#client = client;
    this.#range = range;
  }

  /** Runs until the user ends it. @throws {StatusError} if the first overview cannot be read */
  async run(): Promise<ExitName> {
    const io = this.#io;
    await this.#read();
    const takeOff = [
      io.onInterrupt(() => this.#end("interrupted")),
      io.onKey((key) => this.#guarded(() => this.#press(key))),
    ];
    io.stdout.write(ENTER_SCREEN);
    try {
      while (!this.#stop.signal.aborted) {
        this.#draw();
        await this.#pause();
        await this.#readAgain();
      }
    } finally {
      io.stdout.write(LEAVE_SCREEN);
      for (const each of takeOff) each?.();
    }
    if (this.#bug !== undefined) throw this.#bug.error;
    return this.#ending;
  }

  /** An uncaught error must restore the terminal, too. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#bug = { error };
      this.#end("refused");
    }
  }

  #end(ending: ExitName): void {
    this.#ending = ending;
    this.#stop.abort(new Error("The overview was ended."));
    this.#wake?.();
  }

  async #read(): Promise<void> {
    const { signal } = this.#stop;
    const opened = this.#opened;
    const [summary, detail] = await Promise.all([
      this.#client.summary(this.#range, signal),
      opened === undefined ? undefined : this.#client.method(opened, this.#range, signal),
    ]);
    this.#summary = summary.message;
    this.#detail = opened === this.#opened ? detail?.message : undefined;
    this.#selected ??= summary.message.methods[0]?.method;
  }

  async #readAgain(): Promise<void> {
    if (this.#stop.signal.aborted) return;
    try {
      await this.#read();
      this.#note = "";
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      if (!(error instanceof StatusError || error instanceof CommandError)) throw error;
      this.#note = `Not reached: ${error.message}`;
    }
  }

  /** Waits until the next reading is due, or a key was pressed. */
  async #pause(): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort(new Error("A key was pressed."));
    if (this.#stop.signal.aborted) return;
    await rest(this.#io.clock, PAUSE_MS, woken.signal).catch(() => undefined);
    this.#wake = undefined;
  }

  #press(key: string): void {
    const question = this.#question;
    this.#question = undefined;
    if (question !== undefined && key === "y") {
      void question.act().then(
        () => this.#wake?.(),
        (error: unknown) =>
          this.#guarded(() => this.#tell(error instanceof Error ? error.message : String(error))),
      );
    } else KEYS[key]?.(this.#keys);
    this.#draw();
  }

  #tell(note: string): void {
    this.#note = note;
    this.#draw();
  }

  readonly #keys: Keys = {
    end: (ending) => this.#end(ending),
    move: (by) => {
      const names = this.#summary?.methods.map(({ method }) => method) ?? [];
      const at = names.indexOf(this.#selected ?? "");
      this.#selected = names[Math.min(Math.max(at + by, 0), names.length - 1)];
      if (this.#opened !== undefined) this.#open(this.#selected);
    },
    open: () => this.#open(this.#selected),
    back: () => this.#open(undefined),
    ask: () => this.#ask(),
  };

  #open(method: string | undefined): void {
    this.#opened = method;
    this.#detail = undefined;
    this.#wake?.();
  }

  #ask(): void {
    const state = this.#summary?.methods.find(({ method }) => method === this.#selected);
    if (state === undefined) return;
    const { method, pauseTime } = state;
    const name = oneLine(method);
    this.#question =
      pauseTime === undefined
        ? { text: `Pause ${name} in every process? y/n`, act: () => this.#client.pause(method) }
        : { text: `Resume ${name}? y/n`, act: () => this.#client.resume(method) };
  }

  #draw(): void {
    const { stdout } = this.#io;
    if (this.#summary === undefined || this.#stop.signal.aborted) return;
    const style = styleFor(this.#io, stdout);
    const setting = { style, columns: stdout.columns, range: this.#range, selected: this.#selected };
    const shown =
      this.#detail === undefined
        ? overviewLines(this.#summary, setting)
        : methodDetailLines(this.#detail, setting);
    const foot = this.#question?.text ?? (this.#note === "" ? HELP : this.#note);
    const lines = [...shown.slice(0, stdout.rows - 2), "", style.dim(oneLine(foot).slice(0, stdout.columns))];
    stdout.write(`${HOME}${lines.map((line) => `${line}${CLEAR_LINE}`).join("\r\n")}${CLEAR_BELOW}`);
  }
}

const HELP = "j k move · Enter one method · Esc back · p pause or resume · q end";

/** The actions of keys. */
interface Keys {
  end(ending: ExitName): void;
  move(by: number): void;
  open(): void;
  back(): void;
  ask(): void;
}

const down = (keys: Keys): void => keys.move(1);
const up = (keys: Keys): void => keys.move(-1);
const KEYS: Readonly<Record<string, (keys: Keys) => void>> = {
  q: (keys) => keys.end("succeeded"),
  // A terminal in raw mode sends Ctrl-C as a key.
  "\u0003": (keys) => keys.end("interrupted"),
  j: down,
  "\u001b[B": down,
  k: up,
  "\u001b[A": up,
  "\r": (keys) => keys.open(),
  "\u001b": (keys) => keys.back(),
  p: (keys) => keys.ask(),
};
