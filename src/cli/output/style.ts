import type { State } from "../../core/operation/operation.ts";
import type { Io, Output } from "../io.ts";

/** Colours, or none if the output would not show them. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const ESCAPES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

/** The style for an output: colours on a terminal only, and never with NO_COLOR. @see https://no-color.org */
export function styleFor(io: Pick<Io, "environment">, output: Output): Style {
  const { NO_COLOR, TERM } = io.environment;
  const coloured = output.isTerminal && (NO_COLOR ?? "") === "" && TERM !== "dumb";
  const paint = (name: keyof typeof ESCAPES) => (text: string) =>
    coloured ? `\u001b[${ESCAPES[name][0]}m${text}\u001b[${ESCAPES[name][1]}m` : text;
  return {
    bold: paint("bold"),
    dim: paint("dim"),
    red: paint("red"),
    green: paint("green"),
    yellow: paint("yellow"),
    cyan: paint("cyan"),
  };
}

/** A state in its colour, or another text in the colour of a state. */
export function paintState(style: Style, state: State, text: string = state): string {
  return style[STATE_COLOURS[state]](text);
}

const STATE_COLOURS = {
  PENDING: "dim",
  RUNNING: "cyan",
  SUCCEEDED: "green",
  FAILED: "red",
  CANCELLED: "yellow",
} as const satisfies Readonly<Record<State, keyof Style>>;

const CONTROL = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/**
 * Foreign text on one of our lines, without control characters, which could rewrite the terminal.
 */
export function oneLine(text: string): string {
  return text.replace(CONTROL, (character) => (/\s/.test(character) ? " " : "\ufffd"));
}

/** Foreign text that may have several lines, such as a stack. */
export function manyLines(text: string): string {
  return text.split(/\r?\n/).map(oneLine).join("\n");
}
