import { posix } from "node:path";
import type { SourceFile } from "../support/source.ts";

/** Relative paths in quotes: imports, the entries of threads, programs that tests start, folders of SQL. */
const RELATIVE = /["'`](\.{1,2}\/[^"'`\n$]*)/g;

/**
 * The files that each file names, for all kinds of files together. A path in a comment counts as
 * well: the graph only decides the order of the tests, and all tests run.
 */
export class ImportGraph {
  readonly #namedBy = new Map<string, Set<string>>();

  constructor(files: readonly SourceFile[]) {
    const paths = files.map(({ path }) => path);
    const known = new Set(paths);
    for (const { path, text } of files) {
      for (const [, relative = ""] of text.matchAll(RELATIVE)) {
        const target = posix.join(posix.dirname(path), relative);
        const named = known.has(target)
          ? [target]
          : paths.filter((each) => target.endsWith("/") && isBelow(each, target));
        for (const each of named) this.#add(each, path);
      }
    }
  }

  /**
   * The number of steps from a file to each file that names it, directly or through others. The
   * file itself has 0.
   */
  distancesTo(file: string): ReadonlyMap<string, number> {
    const distances = new Map([[file, 0]]);
    for (const [path, distance] of distances) {
      for (const namer of this.#namedBy.get(path) ?? []) {
        if (!distances.has(namer)) distances.set(namer, distance + 1);
      }
    }
    return distances;
  }

  #add(named: string, namer: string): void {
    const namers = this.#namedBy.get(named) ?? new Set();
    this.#namedBy.set(named, namers.add(namer));
  }
}

/**
 * Whether a file is in a folder of data, at any depth. Folders of code are not named in order to be
 * read.
 */
function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder) && !path.endsWith(".ts");
}
