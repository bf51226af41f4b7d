import { LIMITS } from "../core/limits.ts";
import type { Mistake } from "./entry.ts";

/**
 * The error for an invalid file: all mistakes in it and in the files that it names, in the order of
 * the files, `LIMITS.mistakesMax` at most.
 */
export class MistakesError extends TypeError {
  override readonly name: string = "MistakesError";
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const files = [...new Set(mistakes.map(({ file }) => file))];
    const fileOf = new Map(files.map((file, index) => [file, index]));
    const told = mistakes
      .toSorted((one, other) => {
        const byFile = (fileOf.get(one.file) ?? 0) - (fileOf.get(other.file) ?? 0);
        return byFile || one.line - other.line || one.column - other.column;
      })
      .slice(0, LIMITS.mistakesMax);
    super(told.map(mistakeText).join("\n"));
    this.mistakes = told;
  }
}

function mistakeText({ file, line, column, path, message }: Mistake): string {
  return `${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}`;
}
