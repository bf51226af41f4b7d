import { posix } from "node:path";
import type { ImportGraph } from "./import-graph.ts";

/**
 * Test files that run together: those of the pure rooms in one process, each of the others in a
 * process of its own.
 */
export interface Batch {
  readonly inOneProcess: readonly string[];
  readonly eachByItself: readonly string[];
}

/** The test files of `npm test`, in its two groups. */
export type TestFiles = Batch;

/** Files in the first batch; each later batch has four times as many. */
const FIRST_BATCH = 6;

/**
 * The test files in the order in which they are most likely to detect a change of a file: the one
 * beside it, its importers, their importers, and so on; then those that do not import it.
 */
export function batchesFor(file: string, tests: TestFiles, graph: ImportGraph): readonly Batch[] {
  const distances = graph.distancesTo(file);
  const beside = file.replace(/\.ts$/, ".test.ts");
  const folder = posix.dirname(file);
  const rank = (test: string): number =>
    test === beside ? 0 : (distances.get(test) ?? Number.MAX_SAFE_INTEGER);
  const isFar = (test: string): number => (test.startsWith(folder) ? 0 : 1);
  const alone = new Set(tests.eachByItself);
  const ordered = [...tests.inOneProcess, ...tests.eachByItself].toSorted(
    (left, right) => rank(left) - rank(right) || isFar(left) - isFar(right),
  );
  const batches: Batch[] = [];
  for (let at = 0, size = FIRST_BATCH; at < ordered.length; at += size, size *= 4) {
    // A small rest is added to the last batch.
    const isLast = ordered.length - at - size < size;
    const files = ordered.slice(at, isLast ? undefined : at + size);
    batches.push({
      inOneProcess: files.filter((test) => !alone.has(test)),
      eachByItself: files.filter((test) => alone.has(test)),
    });
    if (isLast) break;
  }
  return batches;
}

export function filesOf({ inOneProcess, eachByItself }: Batch): readonly string[] {
  return [...inOneProcess, ...eachByItself];
}

/** A batch without the files for which `isKept` returns false. */
export function only(batch: Batch, isKept: (file: string) => boolean): Batch {
  return {
    inOneProcess: batch.inOneProcess.filter(isKept),
    eachByItself: batch.eachByItself.filter(isKept),
  };
}
