import { spawnSync } from "node:child_process";
import type { Copy } from "./copy.ts";
import { type Mutant, planted } from "./mutant.ts";

/**
 * Compiles all mutants, one of each file at a time: mutants that do not compile are detected
 * without a test.
 *
 * @returns the compiler's errors, by the id of the mutant
 */
export function typeErrors(mutants: readonly Mutant[], copy: Copy): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const round of rounds(mutants)) {
    const complaints = compile(round, copy);
    const blamed = round.filter(({ file }) => complaints.includes(file));
    // If an error is in another file than the mutant's, each mutant is compiled by itself.
    const suspects = complaints === "" || blamed.length > 0 ? blamed : round;
    for (const mutant of suspects) {
      const own = compile([mutant], copy);
      if (own !== "") found.set(mutant.id, own);
    }
  }
  return found;
}

/** Sets of mutants, at most one for each file. */
function rounds(mutants: readonly Mutant[]): readonly Mutant[][] {
  const byFile = Map.groupBy(mutants, ({ file }) => file);
  const length = Math.max(0, ...[...byFile.values()].map((each) => each.length));
  return Array.from({ length }, (_, index) =>
    [...byFile.values()].flatMap((each) => each.slice(index, index + 1)),
  );
}

function compile(mutants: readonly Mutant[], copy: Copy): string {
  using planting = new DisposableStack();
  for (const mutant of mutants) {
    planting.use(copy.replace(mutant.file, planted(mutant, copy.read(mutant.file))));
  }
  const { status, stdout } = spawnSync("node_modules/.bin/tsc", ["-p", "tsconfig.build.json", "--noEmit"], {
    cwd: copy.root,
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout.trim() || `tsc ended with ${String(status)}`;
}
