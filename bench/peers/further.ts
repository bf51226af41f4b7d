import type { BuiltProgram } from "../processes/build.ts";
import type { MeasuredResult } from "../report/result.ts";
import { textOf } from "../report/text.ts";
import { claim } from "./further/claim.ts";
import type { Further } from "./further/further.ts";
import { get } from "./further/get.ts";
import { held } from "./further/held.ts";
import { waiters } from "./further/waiters.ts";
import { workers } from "./further/workers.ts";
import type { PeersSize } from "./size.ts";
import type { Stores } from "./stores.ts";
import type { Opened } from "./stores/store.ts";

/** Our own measures on PostgreSQL, in addition to the rounds. */
export const FURTHER: readonly Further[] = [get, workers, waiters, claim, held];

/** The inputs of the further measures. */
interface FurtherRun {
  readonly further: readonly Further[];
  readonly stores: Stores;
  readonly program: BuiltProgram;
  readonly folder: string;
  readonly size: PeersSize;
  tell(text: string): void;
}

/**
 * Runs one after the other. A measure that fails does not stop the others; a measure that is not
 * available here is left out by name.
 */
export async function runFurther(run: FurtherRun): Promise<readonly MeasuredResult[]> {
  const results: MeasuredResult[] = [];
  for (const measure of run.further) {
    const began = performance.now();
    const seconds = (): number => (performance.now() - began) / 1_000;
    const { name, title } = measure;
    try {
      const finding = await findingOf(measure, run);
      results.push({ name, title, seconds: seconds(), finding });
    } catch (error) {
      const failure = error instanceof Error ? error.message : String(error);
      results.push({ name, title, seconds: seconds(), failure });
    }
    const last = results.at(-1);
    if (last !== undefined) run.tell(textOf(last));
  }
  return results;
}

async function findingOf(measure: Further, { stores, program, folder, size }: FurtherRun) {
  const opened: Opened[] = [];
  const database = async (): Promise<Opened> => {
    const store = await (await stores.of("postgres")).open();
    opened.push(store);
    return store;
  };
  try {
    return await measure.run({ database, program, folder, size });
  } finally {
    for (const store of opened) await store.close();
  }
}
