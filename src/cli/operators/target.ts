import { CommandError } from "../exit.ts";

/** Whether a command is about one operation or a selection. @throws {CommandError} for words and flags that contradict each other */
export function checkTarget(
  words: readonly string[],
  { filter, method, all }: { readonly filter: string; readonly method: string; readonly all: boolean },
): "one" | "many" {
  const isMany = filter !== "" || method !== "" || all;
  if (words.length > 0 && !isMany) return "one";
  if (words.length === 0 && isMany) return "many";
  const problem =
    words.length > 0 ? "A NAME and a selection do not go together." : "Nothing says what is to be cancelled.";
  throw new CommandError("usage", problem, "Give a NAME, or a selection: --filter, --method or --all.");
}
