import { stripTypeScriptTypes } from "node:module";

/**
 * A small fault as a tired engineer could write it, to be planted in a copy of the repository. If
 * no test of `npm test` fails then, a test is missing.
 *
 * Mutants are data: one file for each room in this folder, listed in `mutants.ts`. A good mutant
 *
 * - changes something that a user could notice: an answer, a message, an order, a delay, a leak;
 * - is one mistake: a wrong comparison at a boundary, a missing `await`, a lost `finally`, swapped
 *   arguments, a dropped condition, a missing where-clause, a limit off by one, a listener that is
 *   not removed, a swallowed error;
 * - passes `tsc` (`npm run test:mutants -- --check` compiles all of them), because a type error is
 *   detected without a test;
 * - has a short `find`, so that other changes rarely touch it, which still occurs exactly once in
 *   the file.
 */
export interface Mutant {
  /** Unique: the fault in a few words, in kebab-case. */
  readonly id: string;
  /** Path from the root of the repository. */
  readonly file: string;
  /** The text to replace, exactly as in the file, including line breaks. */
  readonly find: string;
  readonly replace: string;
  /** The fault in one sentence, such as `A payload of exactly the limit is refused.` */
  readonly fault: string;
  /** Why no test catches it. It still counts as a survivor, and the report shows the reason. */
  readonly survives?: string;
}

/**
 * Plants a mutant in the text of its file.
 *
 * @throws {Error} if the mutant is outdated: it does not apply exactly once, changes nothing, or
 *   the result is not TypeScript
 */
export function planted({ id, file, find, replace }: Mutant, text: string): string {
  const parts = find === "" ? [] : text.split(find);
  if (parts.length !== 2) {
    const found = Math.max(0, parts.length - 1);
    throw new Error(`Mutant ${id}: expected its text once in ${file}, found it ${found} times`);
  }
  if (find === replace) throw new Error(`Mutant ${id}: changes nothing in ${file}`);
  const mutated = parts.join(replace);
  if (!file.endsWith(".ts")) return mutated;
  try {
    stripTypeScriptTypes(mutated);
  } catch (cause) {
    throw new Error(`Mutant ${id}: leaves no TypeScript in ${file}`, { cause });
  }
  return mutated;
}
