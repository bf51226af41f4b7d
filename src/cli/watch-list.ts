import { type ClientOperation, StatusError, stateOf } from "../client/index.ts";
import { pause } from "../client/pause.ts";
import type { ExitName } from "./exit.ts";
import type { Io } from "./io.ts";
import { exitOfError } from "./outcome.ts";
import { operationLines, storyOf } from "./output/operation-table.ts";
import { oneLine } from "./output/style.ts";

/** A list that is read repeatedly. */
export interface WatchedList {
  readonly output: "text" | "json";
  /** Reads the list. */
  read(signal: AbortSignal): Promise<readonly ClientOperation[]>;
}

const PAUSE_MS = 2_000;
/** Clears the screen and moves the cursor to the corner. */
const CLEAR_SCREEN = "\u001b[H\u001b[2J";

/**
 * Shows a list and its changes until Ctrl-C: on a terminal as a table that is redrawn; otherwise a
 * line for each new or changed operation. While the server does not answer, it keeps trying.
 */
export async function watchList(io: Io, list: WatchedList): Promise<ExitName> {
  const stop = new AbortController();
  const removeListener = io.onInterrupt(() => stop.abort(new Error("The watching was ended.")));
  const shown = new Map<string, string>();
  try {
    for (;;) {
      const operations = await readOf(io, list, stop.signal);
      if (operations !== undefined) show(io, operations, { shown, output: list.output });
      await pause(io.clock, PAUSE_MS, stop.signal);
    }
  } catch (error) {
    if (stop.signal.aborted) return "interrupted";
    throw error;
  } finally {
    removeListener();
  }
}

/** @returns undefined while the server does not answer */
async function readOf(
  io: Io,
  list: WatchedList,
  signal: AbortSignal,
): Promise<readonly ClientOperation[] | undefined> {
  try {
    return await list.read(signal);
  } catch (error) {
    if (!(error instanceof StatusError) || exitOfError(error) !== "unreachable") throw error;
    io.stderr.write(`${oneLine(error.message)} Trying again.\n`);
    return undefined;
  }
}

function show(
  io: Io,
  operations: readonly ClientOperation[],
  { shown, output }: { readonly shown: Map<string, string>; readonly output: WatchedList["output"] },
): void {
  if (io.stdout.isTerminal && output === "text") {
    const lines = operations.length === 0 ? ["No operations."] : operationLines(io, operations);
    io.stdout.write(`${CLEAR_SCREEN}${lines.join("\n")}\n`);
    return;
  }
  const names = new Set(operations.map(({ name }) => name));
  for (const name of shown.keys()) if (!names.has(name)) shown.delete(name);
  // Oldest first, in the order of events.
  for (const operation of operations.toReversed()) {
    const line =
      output === "json"
        ? JSON.stringify(operation)
        : oneLine([operation.name, stateOf(operation), storyOf(operation)].join(" ")).trimEnd();
    if (shown.get(operation.name) === line) continue;
    shown.set(operation.name, line);
    io.stdout.write(`${line}\n`);
  }
}
