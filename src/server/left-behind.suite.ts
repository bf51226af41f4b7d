import type { Socket } from "node:net";
import { LIMITS } from "../core/limits.ts";
import { assertNothingLeft } from "../testing/left-behind.ts";
import { settled } from "../testing/manual-clock.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Share } from "./sharing/share.ts";
import { assertShareIsIdle } from "./sharing/share-left.suite.ts";
import { Shares } from "./sharing/shares.ts";

/** Shares that remember whom they were given to, so that a test can look whether all their places are back. */
export class CountedShares extends Shares {
  readonly #given = new Map<Share, number>();

  override ofSocket(socket: Socket): Share {
    return this.#note(super.ofSocket(socket), LIMITS.pipelinedCallsMax);
  }

  override ofSession(session: object): Share {
    return this.#note(super.ofSession(session), LIMITS.connectionCallsMax);
  }

  /** Fails where a closed connection has calls open, or places that did not come back. */
  async assertIdle(): Promise<void> {
    for (const [share, callsMax] of this.#given) {
      // The ends of its streams may still be told.
      for (let turn = 0; turn < TURNS && !share.isIdle; turn++) await settled(1);
      await assertShareIsIdle(share, callsMax, () => settled(1));
    }
  }

  #note(share: Share, callsMax: number): Share {
    this.#given.set(share, callsMax);
    return share;
  }
}

/** So many turns of the event loop are enough for what has ended to be told. */
const TURNS = 200;

/** All caches of answers in this process that have given a ticket. */
const caches = new Set<AnswerCache<unknown>>();
const begin: AnswerCache<unknown>["begin"] = Reflect.get(AnswerCache.prototype, "begin");
AnswerCache.prototype.begin = function noted(this: AnswerCache<unknown>, id: string) {
  caches.add(this);
  return begin.call(this, id);
};

/** Sockets and sessions of this process. */
function connections(): number {
  return process.getActiveResourcesInfo().filter((name) => /^(?:TCP|TLS|HTTP2SESSION)/i.test(name)).length;
}

/**
 * Counts what a server has, from before it is opened.
 *
 * @returns fails the test where something is left once the server has closed
 */
export function countServer(shares: CountedShares): () => Promise<void> {
  const before = connections();
  // Caches of tests without a server are none of this one's.
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
