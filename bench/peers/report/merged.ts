import type { PeersResult } from "./result.ts";

/** What is kept, with the parts of a later run in the place of theirs. Each measure of it says which commit it is of. */
export function merged(kept: PeersResult, later: PeersResult): PeersResult {
  const again = new Map(
    later.measures.map((measure) => [measure.name, { ...measure, commit: later.commit }]),
  );
  const measures = kept.measures.map((measure) => again.get(measure.name) ?? measure);
  const others = [...again.values()].filter(({ name }) => !kept.measures.some((each) => each.name === name));
  if (later.peers.length === 0) return { ...kept, measures: [...measures, ...others] };
  // The rounds are what the page tells time, commit and sizes of.
  const earlier = measures.map((measure) => ({ commit: kept.commit, ...measure }));
  return { ...later, stores: { ...kept.stores, ...later.stores }, measures: [...earlier, ...others] };
}
