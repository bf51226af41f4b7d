import { CommandError } from "../exit.ts";

/** The flags that select operations. */
export interface TargetOptions {
  readonly filter: string;
  readonly method: string;
  readonly all: boolean;
  readonly parent: string | undefined;
  readonly dryRun: boolean;
}

/**
 * Whether a command concerns one operation or a selection. @throws {CommandError} for contradictory
 * words and flags
 */
export function checkTarget(words: readonly string[], options: TargetOptions): "one" | "many" {
  const { filter, method, all } = options;
  const isMany = filter !== "" || method !== "" || all;
  const problem = words.length > 0 ? problemOfOne(isMany, options) : problemOfMany(isMany, options);
  if (problem === undefined) return words.length > 0 ? "one" : "many";
  throw new CommandError("usage", problem, "Give a NAME, or a selection: --filter, --method or --all.");
}

function problemOfOne(isMany: boolean, { parent, dryRun }: TargetOptions): string | undefined {
  if (isMany) return "A NAME and a selection do not go together.";
  if (parent === undefined && !dryRun) return undefined;
  const flag = dryRun ? "--dry-run" : "--parent";
  return `${flag} goes with a selection, and not with a NAME; nothing was cancelled.`;
}

function problemOfMany(isMany: boolean, { filter, method, all }: TargetOptions): string | undefined {
  if (!isMany) return "Nothing says what is to be cancelled.";
  return all && (filter !== "" || method !== "")
    ? "--all is every operation, and --filter and --method are some of them; leave one out."
    : undefined;
}
