import type { Interruption, Run } from "./runs.ts";

/**
 * Finds keys with more concurrently running operations than their limit.
 *
 * A run counts while its operation certainly holds a place: until the run ends, until its process
 * dies, until the next attempt of the operation begins (two attempts at once are a different
 * finding, and one place), and until somebody asks for the cancellation or deletion of the
 * operation, which frees the place before the handler learns of it.
 *
 * @param options.askedToEnd when somebody first asked for the end of each operation, by its name,
 *   on the clock of the runs
 */
export function checkPlaces(
  runs: readonly Run[],
  options: {
    readonly interruptions: readonly Interruption[];
    readonly askedToEnd: ReadonlyMap<string, number>;
  },
): readonly string[] {
  const findings: string[] = [];
  const byOperation = Map.groupBy(runs, ({ name }) => name);
  const held = runs.flatMap((run) => {
    if (run.place === undefined) return [];
    const next = (byOperation.get(run.name) ?? []).filter(({ attempt }) => attempt > run.attempt);
    const deaths = options.interruptions.filter(
      ({ process, to }) => process === run.process && to === Infinity,
    );
    const to = Math.min(
      run.ended,
      options.askedToEnd.get(run.name) ?? Number.POSITIVE_INFINITY,
      ...next.map(({ began }) => began),
      ...deaths.map(({ from }) => from),
    );
    return [{ name: run.name, place: run.place, began: run.began, to }];
  });
  for (const [key, ofKey] of Map.groupBy(held, ({ place }) => place.key)) {
    for (const { began, place } of ofKey) {
      const atOnce = ofKey.filter((other) => other.began <= began && began < other.to);
      if (atOnce.length > place.limit) {
        const names = atOnce.map(({ name }) => name).join(", ");
        findings.push(`too many: ${atOnce.length} of ${key} ran at once, ${place.limit} may: ${names}`);
      }
    }
  }
  return findings;
}
