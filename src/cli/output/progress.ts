import { type ClientOperation, stateOf } from "../../client/index.ts";
import type { Io } from "../io.ts";
import { percentOf, progressOf } from "./show.ts";
import { oneLine, paintState, styleFor } from "./style.ts";
import { cut } from "./table.ts";

/**
 * Shows the progress of an operation on standard error, so that standard output contains only the
 * outcome.
 */
export interface Progress {
  show(operation: ClientOperation): void;
  /** Clears the line. */
  end(): void;
}

/** A line that is rewritten in place on a terminal; otherwise a line for every change. */
export function progressFor(io: Io): Progress {
  return io.stderr.isTerminal ? barProgress(io) : lineProgress(io);
}

const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\u001b[K";

function barProgress(io: Io): Progress {
  const style = styleFor(io, io.stderr);
  let shown = false;
  return {
    show(operation) {
      shown = true;
      const state = stateOf(operation);
      const percent = percentOf(operation);
      const bar = percent === undefined ? "" : `${style.cyan(barOf(percent))} `;
      const room = io.stderr.columns - state.length - (bar === "" ? 0 : BAR_WIDTH + 3) - 2;
      io.stderr.write(
        `${CLEAR_LINE}${paintState(style, state)} ${bar}${cut(progressOf(operation) ?? "", Math.max(room, 0))}`,
      );
    },
    end() {
      if (shown) io.stderr.write(CLEAR_LINE);
      shown = false;
    },
  };
}

/** `[########----------------]`. */
function barOf(percent: number): string {
  const full = Math.floor((percent / 100) * BAR_WIDTH);
  return `[${"#".repeat(full)}${"-".repeat(BAR_WIDTH - full)}]`;
}

function lineProgress(io: Io): Progress {
  let before = "";
  return {
    show(operation) {
      const news = [stateOf(operation), progressOf(operation)].filter((part) => part !== undefined).join(" ");
      if (news !== before) io.stderr.write(`${oneLine(operation.name)} ${news}\n`);
      before = news;
    },
    end() {},
  };
}
