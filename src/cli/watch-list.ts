import { type ClientOperation, type CollectionEvent, StatusError, stateOf } from "../client/index.ts";
import { pause } from "../client/pause.ts";
import type { Timer } from "../core/ports/clock.ts";
import type { ExitName } from "./exit.ts";
import type { Io } from "./io.ts";
import { exitOfError } from "./outcome.ts";
import { operationLines, storyOf } from "./output/operation-table.ts";
import { oneLine } from "./output/style.ts";
import { ListView } from "./watched-view.ts";

/** A list that is shown as it changes. */
export interface WatchedList {
  readonly output: "text" | "json";
  /** Reads the list. */
  read(signal: AbortSignal): Promise<readonly ClientOperation[]>;
  /** Watches the list, if it is in the order of a watch: newest operations first. */
  readonly events?: ((signal: AbortSignal) => AsyncIterable<CollectionEvent>) | undefined;
  /** The number of operations that `events` shows at most. */
  readonly limit: number;
}

const PAUSE_MS = 2_000;
/** Changes within this time are shown together. */
const TOGETHER_MS = 100;
/** Clears the screen and moves the cursor to the corner. */
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

/**
 * Shows a list as it changes, until Ctrl-C: on a terminal the table, drawn again; elsewhere one
 * line for each new or changed operation. If the server refuses the watch, or the list cannot be
 * watched, it is read every two seconds. Continues while the server is away.
 */
export async function watchList(io: Io, list: WatchedList): Promise<ExitName> {
  const stop = new AbortController();
  const removeListener = io.onInterrupt(() => stop.abort(new Error("The watching was ended.")));
  const screen = new Screen(io, list.output);
  try {
    const { events } = list;
    if (events !== undefined) await follow(io, { ...list, events }, screen, stop.signal);
    for (;;) {
      const operations = await answered(io, () => list.read(stop.signal));
      if (operations !== undefined) screen.show(operations);
      await pause(io.clock, PAUSE_MS, stop.signal);
    }
  } catch (error) {
    if (stop.signal.aborted) return "interrupted";
    throw error;
  } finally {
    removeListener();
    screen.close();
  }
}

/** Returns when the server refuses the watch. */
async function follow(
  io: Io,
  list: WatchedList & { readonly events: NonNullable<WatchedList["events"]> },
  screen: Screen,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const view = new ListView(list.limit);
    const isRefused = await answered(io, async () => {
      try {
        for await (const event of list.events(signal)) {
          // After a break of the stream, removals in between were not reported.
          if (view.take(event) === "again") view.replace(await list.read(signal));
          if (view.isWhole) screen.showSoon(() => view.operations());
        }
        return true;
      } catch (error) {
        if (error instanceof StatusError && exitOfError(error) !== "unreachable") return true;
        throw error;
      }
    });
    screen.settle();
    if (isRefused === true) return;
    await pause(io.clock, PAUSE_MS, signal);
  }
}

/** @returns undefined while the server is unreachable */
async function answered<Answer>(io: Io, call: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof StatusError) || exitOfError(error) !== "unreachable") throw error;
    io.stderr.write(`${oneLine(error.message)} Trying again.\n`);
    return undefined;
  }
}

/** The list as it was written last. */
class Screen {
  readonly #io: Io;
  readonly #output: WatchedList["output"];
  /** Lines written to a pipe, by the name of the operation. */
  readonly #shown = new Map<string, string>();
  #soon: Timer | undefined;
  #tick: Timer | undefined;

  constructor(io: Io, output: WatchedList["output"]) {
    this.#io = io;
    this.#output = output;
  }

  get #isTable(): boolean {
    return this.#io.stdout.isTerminal && this.#output === "text";
  }

  /** Shows what `operations` gives then, shortly after the first of several changes. */
  showSoon(operations: () => readonly ClientOperation[]): void {
    this.#soon ??= this.#io.clock.after(TOGETHER_MS, () => {
      this.settle();
      this.show(operations());
      // The table tells how long operations have been running.
      if (this.#isTable) this.#tick = this.#io.clock.after(PAUSE_MS, () => this.showSoon(operations));
    });
  }

  /** Shows nothing that was to be shown soon. */
  settle(): void {
    this.#soon?.cancel();
    this.#tick?.cancel();
    this.#soon = undefined;
  }

  close(): void {
    this.settle();
  }

  show(operations: readonly ClientOperation[]): void {
    const { stdout } = this.#io;
    if (this.#isTable) {
      const lines = operations.length === 0 ? ["No operations."] : operationLines(this.#io, operations);
      stdout.write(`${CLEAR_SCREEN}${lines.join("\n")}\n`);
      return;
    }
    const names = new Set(operations.map(({ name }) => name));
    for (const name of this.#shown.keys()) if (!names.has(name)) this.#shown.delete(name);
    // In chronological order.
    for (const operation of operations.toReversed()) {
      const line = this.#lineOf(operation);
      if (this.#shown.get(operation.name) === line) continue;
      this.#shown.set(operation.name, line);
      stdout.write(`${line}\n`);
    }
  }

  #lineOf(operation: ClientOperation): string {
    if (this.#output === "json") return JSON.stringify(operation);
    return oneLine([operation.name, stateOf(operation), storyOf(operation)].join(" ")).trimEnd();
  }
}
