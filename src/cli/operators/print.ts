import type { Io } from "../io.ts";
import { styleFor, type Style } from "../output/style.ts";

/** The width of a table: that of the terminal, otherwise unlimited. */
export function tableSetting(io: Io): { readonly style: Style; readonly columns: number } {
  const { stdout } = io;
  const columns = stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY;
  return { style: styleFor(io, stdout), columns };
}

/** Prints an answer as JSON, for programs. */
export function printJson(io: Io, json: unknown): void {
  io.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

/** Prints lines, or a message on standard error if there are none. */
export function printLines(io: Io, lines: readonly string[], none: string): void {
  if (lines.length === 0) io.stderr.write(`${none}\n`);
  else io.stdout.write(`${lines.join("\n")}\n`);
}
