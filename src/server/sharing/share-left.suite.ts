import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { LIMITS } from "../../core/limits.ts";
import type { Share } from "./share.ts";

/** The answer to a call that only checks whether a place is free. */
class Probe extends EventEmitter {
  readonly writableLength = 0;
}

/**
 * Fails unless a share has all its places: as many calls and as many long calls can begin at once
 * as are allowed.
 *
 * @param turn runs a turn of the event loop
 */
export async function assertShareIsIdle(
  share: Share,
  callsMax: number,
  turn: () => Promise<void> | void,
): Promise<void> {
  assert.equal(share.isIdle, true, "calls are open whose answers have left");
  const count = Math.max(callsMax, LIMITS.connectionLongCallsMax);
  const probes = Array.from({ length: count }, () => new Probe());
  let begun = 0;
  for (const probe of probes) share.begin(probe, () => begun++);
  assert.equal(begun, callsMax, "places of calls are left");
  const gate = Promise.withResolvers<void>();
  let long = 0;
  const works = probes.slice(0, LIMITS.connectionLongCallsMax).map((probe) =>
    share.long(probe, () => {
      long++;
      return gate.promise;
    }),
  );
  for (let round = 0; round <= LIMITS.connectionLongCallsMax; round++) {
    await turn();
    for (let tick = 0; tick < 8; tick++) await Promise.resolve();
  }
  assert.equal(long, LIMITS.connectionLongCallsMax, "places of long calls are left");
  gate.resolve();
  await Promise.all(works);
  for (const probe of probes) probe.emit("close");
  await turn();
}
