import type { Io } from "../io.ts";
import { styleFor, type Style } from "../output/style.ts";

/** How wide a table may be: as wide as the terminal, and as it comes elsewhere. */
export function tableSetting(io: Io): { readonly style: Style; readonly columns: number } {
  const { stdout } = io;
  const columns = stdout.isTerminal ? stdout.columns : Number.POSITIVE_INFINITY;
  return { style: styleFor(io, stdout), columns };
}

/** Writes an answer as it came, for programs. */
export function printJson(io: Io, json: unknown): void {
  io.stdout.write(`${JSON.stringify(json, null, 2)}\n`);
}

/** Writes lines, or on standard error that there are none. */
export function printLines(io: Io, lines: readonly string[], none: string): void {
  if (lines.length === 0) io.stderr.write(`${none}\n`);
  else io.stdout.write(`${lines.join("\n")}\n`);
}
