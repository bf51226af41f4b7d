import { pureAndOther } from "../support/test-files.ts";
import { type Batch, batchesFor, filesOf, only, type TestFiles } from "./batches.ts";
import { ROOT, repository } from "./copy.ts";
import { ImportGraph } from "./import-graph.ts";
import { type Mutant, planted } from "./mutant.ts";
import { type Place, runBatch, type Verdict } from "./test-run.ts";

/** A run that takes this long has a test that hangs, which is not awaited twice. */
const SLOW_MS = 50_000;

/** The result of a mutant. */
export interface Outcome {
  readonly mutant: Mutant;
  /** The test that failed, or undefined if none did. */
  readonly caughtBy: string | undefined;
  readonly seconds: number;
}

/** Plants mutants and looks for a test that fails. Several environments may work at once. */
export class Trials {
  /** Files that failed without any mutant. They are left out, and catch nothing. */
  readonly unreliable = new Set<string>();
  readonly #passed = new Set<string>();
  /**
   * Files that passed again after they had detected a mutant. From then on their failures count at
   * once.
   */
  readonly #trusted = new Set<string>();
  readonly #batchesMax: number;
  readonly #graph = new ImportGraph(repository());
  readonly #tests = testFiles();

  /** @param batchesMax how many batches are tried, the nearest first */
  constructor(batchesMax: number) {
    this.#batchesMax = batchesMax;
  }

  /** Runs batch after batch until a test fails. */
  async try(mutant: Mutant, place: Place): Promise<Outcome> {
    const began = performance.now();
    const text = planted(mutant, place.copy.read(mutant.file));
    const batches = batchesFor(mutant.file, this.#tests, this.#graph).slice(0, this.#batchesMax);
    let caughtBy: string | undefined;
    for (const batch of batches) {
      await this.#checkWithout(batch, place);
      const reliable = only(batch, (file) => !this.unreliable.has(file));
      caughtBy = await this.#tryBatch({ mutant, text, batch: reliable }, place);
      if (caughtBy !== undefined) break;
    }
    return { mutant, caughtBy, seconds: (performance.now() - began) / 1_000 };
  }

  /**
   * The failure, if it happens again, and does not happen without the mutant: a flaky test catches
   * nothing.
   */
  async #tryBatch(
    { mutant, text, batch }: { mutant: Mutant; text: string; batch: Batch },
    place: Place,
  ): Promise<string | undefined> {
    const runMutated = async (files: Batch): Promise<Verdict> => {
      using planting = new DisposableStack();
      planting.use(place.copy.replace(mutant.file, text));
      return await runBatch(place, files);
    };
    const began = performance.now();
    const verdict = await runMutated(batch);
    const isSlow = performance.now() - began > SLOW_MS;
    if (verdict.result === "passed") return undefined;
    if (verdict.result === "hung") return `the tests hang, for ${verdict.afterMs / 1_000} s`;
    const suspects = this.#suspects(verdict.file, batch);
    const caughtBy = `${verdict.file} › ${verdict.test}`;
    if (filesOf(suspects).every((file) => this.#trusted.has(file))) return caughtBy;
    const again = isSlow ? verdict : await runMutated(suspects);
    const without = await runBatch(place, suspects);
    if (without.result === "passed" && again.result !== "passed") {
      for (const file of filesOf(suspects)) this.#trusted.add(file);
      return caughtBy;
    }
    const rest = only(batch, (file) => !filesOf(suspects).includes(file));
    if (without.result !== "passed") for (const file of filesOf(suspects)) this.unreliable.add(file);
    return filesOf(rest).length === 0 ? undefined : this.#tryBatch({ mutant, text, batch: rest }, place);
  }

  /** The test files of a failed test: several may run a suite. */
  #suspects(file: string, batch: Batch): Batch {
    const distances = this.#graph.distancesTo(file);
    const suspects = only(batch, (each) => distances.has(each));
    return filesOf(suspects).length === 0 ? batch : suspects;
  }

  /**
   * Every test file must pass once without a mutant. If a batch fails, its files are tried one by
   * one.
   */
  async #checkWithout(batch: Batch, place: Place): Promise<void> {
    const fresh = only(batch, (file) => !this.#passed.has(file) && !this.unreliable.has(file));
    if (filesOf(fresh).length === 0) return;
    const verdict = await runBatch(place, fresh);
    if (verdict.result !== "passed") {
      const suspects = this.#suspects(verdict.result === "failed" ? verdict.file : "", fresh);
      for (const file of filesOf(suspects)) {
        const again = await runBatch(
          place,
          only(suspects, (each) => each === file),
        );
        (again.result === "passed" ? this.#passed : this.unreliable).add(file);
      }
      await this.#checkWithout(fresh, place);
    }
    for (const file of filesOf(fresh)) this.#passed.add(file);
  }
}

/** The tests of the mutants themselves would fail for each of them, because its text is gone. */
function testFiles(): TestFiles {
  const { pure, other } = pureAndOther(ROOT);
  return { inOneProcess: pure, eachByItself: other.filter((file) => !file.startsWith("test/mutants/")) };
}
