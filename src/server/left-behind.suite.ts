import type { Socket } from "node:net";
import { LIMITS } from "../core/limits.ts";
import { assertNothingLeft } from "../testing/left-behind.ts";
import { settled } from "../testing/manual-clock.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Share } from "./sharing/share.ts";
import { assertShareIsIdle } from "./sharing/share-left.suite.ts";
import { Shares } from "./sharing/shares.ts";

/**
 * Shares that remember their connections, so that a test can check whether all places were given
 * back.
 */
export class CountedShares extends Shares {
  readonly #given = new Map<Share, number>();

  override ofSocket(socket: Socket): Share {
    return this.#note(super.ofSocket(socket), LIMITS.pipelinedCallsMax);
  }

  override ofSession(session: object): Share {
    return this.#note(super.ofSession(session), LIMITS.connectionCallsMax);
  }

  /** Fails if a closed connection still has open calls, or places that were not given back. */
  async assertIdle(): Promise<void> {
    for (const [share, callsMax] of this.#given) {
      // The ends of its streams may still be on their way.
      for (let turn = 0; turn < TURNS && !share.isIdle; turn++) await settled(1);
      await assertShareIsIdle(share, callsMax, () => settled(1));
    }
  }

  #note(share: Share, callsMax: number): Share {
    this.#given.set(share, callsMax);
    return share;
  }
}

/** This many turns of the event loop are enough for all ends to arrive. */
const TURNS = 200;

/** All answer caches of this process that have issued a ticket. */
const caches = new Set<AnswerCache<unknown>>();
const begin: AnswerCache<unknown>["begin"] = Reflect.get(AnswerCache.prototype, "begin");
AnswerCache.prototype.begin = function noted(this: AnswerCache<unknown>, id: string) {
  caches.add(this);
  return begin.call(this, id);
};

/** The number of sockets and sessions of this process. */
function connections(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|TLS|HTTP2SESSION)/i.test(name)).length;
}

/**
 * Counts the resources of a server, from before it opens.
 *
 * @returns a function that fails the test if something is left after the server has closed
 */
export function countServer(shares: CountedShares): () => Promise<void> {
  const before = connections();
  // Ignore caches of tests without a server.
  caches.clear();
  return async () => {
    for (let turn = 0; turn < TURNS && connections() > before; turn++) await settled(1);
    let tickets = 0;
    for (const cache of caches) tickets += cache.underWay;
    caches.clear();
    assertNothingLeft({ connections: Math.max(0, connections() - before), "answers being made": tickets });
    await shares.assertIdle();
  };
}
